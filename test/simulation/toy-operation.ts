/** Operations of the toy ledger: their bytes, their window, and the header fields that depend on them. */
import { sha256 } from "../../src/node/base/crypto.ts";
import type { Block, Header } from "../../src/primitives/block.ts";
import { type Bytes, concatBytes, toHex, utf8 } from "../../src/primitives/bytes.ts";
import { type Digest, zeroDigest } from "../../src/primitives/hash.ts";
import { leafHash, merkleRoot } from "../../src/primitives/merkle-tree.ts";

export const TOY_NETWORK: Digest = sha256(utf8("simulated network"));
/** An operation: 8 random bytes of id, then the deadline as a 64-bit float. */
export const OPERATION_LENGTH = 16;
/** The time after its deadline in which an operation may still be ordered. */
export const TOY_GRACE_MS = 1_000;

export interface ToyOperation {
  readonly bytes: Bytes;
  readonly id: string;
  readonly validUntil: number;
  readonly leafHash: Digest;
}

export function readToyOperation(bytes: Bytes): ToyOperation | undefined {
  if (bytes.length !== OPERATION_LENGTH) return undefined;
  const validUntil = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(8);
  const id = toHex(bytes.subarray(0, 8));
  return { bytes, id, validUntil, leafHash: leafHash(sha256, bytes) };
}

/** True if a block of this time may still order it. */
export function isOpen(validUntil: number, blockTime: number): boolean {
  return blockTime - TOY_GRACE_MS <= validUntil;
}

/** The first block time that can no longer order it. */
export function endOfWindow(validUntil: number): number {
  return validUntil + TOY_GRACE_MS + 1;
}

/** Header fields that follow from the parent and the operations. */
export function toyRoots(
  parent: Header,
  leafHashes: readonly Digest[],
): Pick<Header, "operationsRoot" | "resultsRoot" | "stateRoot" | "operationCount"> {
  const operationsRoot = merkleRoot(sha256, leafHashes);
  return {
    operationsRoot,
    resultsRoot: zeroDigest,
    stateRoot: sha256(concatBytes(parent.stateRoot, operationsRoot)),
    operationCount: leafHashes.length,
  };
}

const idsOfBlocks = new WeakMap<Block, readonly string[]>();

/** Ids in the order of the block; computed once for each block object. */
export function idsOf(block: Block): readonly string[] {
  const known = idsOfBlocks.get(block);
  if (known !== undefined) return known;
  const ids = block.operations.map((bytes) => toHex(bytes.subarray(0, 8)));
  idsOfBlocks.set(block, ids);
  return ids;
}
