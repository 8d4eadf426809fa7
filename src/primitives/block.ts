/** Blocks: the header, which commits to everything, and the body, which is the operations in order. */
import { type Amount, amount } from "./amount.ts";
import type { Bytes } from "./bytes.ts";
import { type Decoder, decodeStrict, Encoder, EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import {
  type Epoch,
  epoch,
  type Height,
  height,
  type ValidatorIndex,
  type View,
  validatorIndex,
  view,
} from "./numbers.ts";
import { TAGS } from "./tags.ts";

export const HEADER_VERSION = 1;

/** The block hash is the hash of its canonical bytes; seals sign those bytes (L18). */
export interface Header {
  readonly version: number;
  readonly networkId: NetworkId;
  /** Names the validator set whose quorum certifies the block. */
  readonly epoch: Epoch;
  readonly height: Height;
  readonly view: View;
  readonly parentHash: Digest;
  readonly operationCount: number;
  /** RFC 9162 root over the canonical operations with signatures. */
  readonly operationsRoot: Digest;
  /** RFC 9162 root over the result leaves, declines included. */
  readonly resultsRoot: Digest;
  /** Number of wallets after this block. */
  readonly walletCount: number;
  readonly stateRoot: Digest;
  /** Per asset in genesis order, minor units. */
  readonly supply: readonly Amount[];
  /** Block time, milliseconds since the epoch. */
  readonly time: number;
  readonly proposer: ValidatorIndex;
}

/** A header with its body. */
export interface Block {
  readonly header: Header;
  readonly headerBytes: Bytes;
  readonly hash: Digest;
  /** Canonical bytes with signatures, in order. */
  readonly operations: readonly Bytes[];
}

export function encodeHeader(header: Header): Bytes {
  return new Encoder()
    .tag(TAGS.header)
    .u16(header.version)
    .fixed(header.networkId, DIGEST_LENGTH)
    .u64(header.epoch)
    .u64(header.height)
    .u64(header.view)
    .fixed(header.parentHash, DIGEST_LENGTH)
    .u32(header.operationCount)
    .fixed(header.operationsRoot, DIGEST_LENGTH)
    .fixed(header.resultsRoot, DIGEST_LENGTH)
    .u64(header.walletCount)
    .fixed(header.stateRoot, DIGEST_LENGTH)
    .list(header.supply, (value, encoder) => encoder.u64(value))
    .u64(header.time)
    .u16(header.proposer)
    .finish();
}

export function readHeader(decoder: Decoder): Header {
  decoder.tag(TAGS.header);
  const version = decoder.u16();
  if (version !== HEADER_VERSION) {
    throw new EncodingError("malformed", `header version ${version} is not ${HEADER_VERSION}`);
  }
  return {
    version,
    networkId: decoder.fixed(DIGEST_LENGTH),
    epoch: epoch(decoder.safeU64()),
    height: height(decoder.safeU64()),
    view: view(decoder.safeU64()),
    parentHash: decoder.fixed(DIGEST_LENGTH),
    operationCount: decoder.u32(),
    operationsRoot: decoder.fixed(DIGEST_LENGTH),
    resultsRoot: decoder.fixed(DIGEST_LENGTH),
    walletCount: decoder.safeU64(),
    stateRoot: decoder.fixed(DIGEST_LENGTH),
    supply: decoder.list(LIMITS.assetsMax, (inner) => amount(inner.u64())),
    time: decoder.safeU64(),
    proposer: validatorIndex(decoder.u16()),
  };
}

/** Reads exactly one header; the caller judges whether its network, epoch and counts fit. */
export function decodeHeader(bytes: Bytes): Header | EncodingError {
  return decodeStrict(bytes, readHeader);
}

export function blockHash(hash: Hash, headerBytes: Bytes): Digest {
  return hash(headerBytes);
}

/** Joins a header with its body and computes the bytes and the hash once. */
export function assembleBlock(hash: Hash, header: Header, operations: readonly Bytes[]): Block {
  const headerBytes = encodeHeader(header);
  return { header, headerBytes, hash: blockHash(hash, headerBytes), operations };
}
