/** Blocks: the header, which commits to everything, and the body, which is the operations in order. */
import { type Amount } from "./amount.ts";
import type { Bytes } from "./bytes.ts";
import { type Decoder, EncodingError } from "./encoding.ts";
import { type Digest, type Hash } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import { type Epoch, type Height, type ValidatorIndex, type View } from "./numbers.ts";
export declare const HEADER_VERSION = 1;
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
export declare function encodeHeader(header: Header): Bytes;
export declare function readHeader(decoder: Decoder): Header;
/** Reads exactly one header; the caller judges whether its network, epoch and counts fit. */
export declare function decodeHeader(bytes: Bytes): Header | EncodingError;
export declare function blockHash(hash: Hash, headerBytes: Bytes): Digest;
/** Joins a header with its body and computes the bytes and the hash once. */
export declare function assembleBlock(hash: Hash, header: Header, operations: readonly Bytes[]): Block;
