/** Converts headers between values of the protocol and the views of them in generated messages. */
import { create } from "@bufbuild/protobuf";
import { type Header as HeaderMessage, HeaderSchema } from "../../gen/countersign/v1/types_pb.ts";
import { HEADER_VERSION, type Header } from "../primitives/block.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  convert,
  fail,
  readAmount,
  readCounter,
  readEpoch,
  readFixed,
  readHeight,
  readIndex,
  readList,
  readView,
} from "./convert-fields.ts";
import type { Refusal } from "./refusal.ts";

/** A view of a header, for people and programs that do not decode canonical bytes. */
export function headerToMessage(header: Header): HeaderMessage {
  return create(HeaderSchema, {
    version: header.version,
    networkId: header.networkId,
    epoch: BigInt(header.epoch),
    height: BigInt(header.height),
    view: BigInt(header.view),
    parentHash: header.parentHash,
    operationCount: header.operationCount,
    operationsRoot: header.operationsRoot,
    resultsRoot: header.resultsRoot,
    walletCount: BigInt(header.walletCount),
    stateRoot: header.stateRoot,
    supply: [...header.supply],
    time: BigInt(header.time),
    proposer: header.proposer,
  });
}

/** The header that a message shows. Nothing is proven by it: the caller hashes its canonical bytes. */
export function headerFromMessage(message: HeaderMessage, field: string): Header | Refusal {
  return convert(() => {
    if (message.version !== HEADER_VERSION) {
      fail("MALFORMED", `${field}.version`, `must be ${HEADER_VERSION}`);
    }
    const digest = (bytes: Uint8Array, name: string) =>
      readFixed(bytes, DIGEST_LENGTH, `${field}.${name}`);
    return {
      version: message.version,
      networkId: digest(message.networkId, "networkId"),
      epoch: readEpoch(message.epoch, `${field}.epoch`),
      height: readHeight(message.height, `${field}.height`),
      view: readView(message.view, `${field}.view`),
      parentHash: digest(message.parentHash, "parentHash"),
      operationCount: message.operationCount,
      operationsRoot: digest(message.operationsRoot, "operationsRoot"),
      resultsRoot: digest(message.resultsRoot, "resultsRoot"),
      walletCount: readCounter(message.walletCount, `${field}.walletCount`),
      stateRoot: digest(message.stateRoot, "stateRoot"),
      supply: readList(message.supply, LIMITS.assetsMax, {
        field: `${field}.supply`,
        read: readAmount,
      }),
      time: readCounter(message.time, `${field}.time`),
      proposer: readIndex(message.proposer, `${field}.proposer`),
    };
  });
}
