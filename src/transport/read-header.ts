/** Reads the views of headers in messages. Needs no code of Protobuf, so that a verifier is small. */
import type { Header as HeaderMessage } from "../../gen/countersign/v1/types_pb.ts";
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

/** The fields of a header, in a generated message or beside one. */
export type HeaderFields = Omit<HeaderMessage, "$typeName" | "$unknown">;

/** The header that a message shows. Nothing is proven by it: the caller hashes its canonical bytes. */
export function headerFromMessage(message: HeaderFields, field: string): Header | Refusal {
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
