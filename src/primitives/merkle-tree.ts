/** Merkle trees over lists, exactly as RFC 9162 section 2.1: roots, inclusion paths and their verification. */
import { assert } from "./assert.ts";
import { type Bytes, concatBytes, equalBytes } from "./bytes.ts";
import { Encoder } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "./hash.ts";

/** RFC 9162 section 2.1.1: the two prefixes keep a leaf from passing for a node. */
const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

/** The prefix and a leaf, which are hashed together. Written over for each leaf that fits. */
const leafInput = concatBytes(LEAF_PREFIX, new Uint8Array(1_023));

/** HASH(0x00 || leaf). */
export function leafHash(hash: Hash, leaf: Bytes): Digest {
  const length = LEAF_PREFIX.length + leaf.length;
  if (length > leafInput.length) return hash(concatBytes(LEAF_PREFIX, leaf));
  leafInput.set(leaf, LEAF_PREFIX.length);
  return hash(leafInput.subarray(0, length));
}

/** The leaf hash of what `write` encodes, which gets no memory of its own. */
export function writtenLeafHash(hash: Hash, write: (leaf: Encoder) => void): Digest {
  const leaf = new Encoder().fixed(LEAF_PREFIX, LEAF_PREFIX.length);
  write(leaf);
  return leaf.digest(hash);
}

/**
 * The levels of a tree, from the leaf hashes up to the root; each is the joined digests of its nodes. Not an array of digests: that
 * takes seven times the memory, and nodes keep the trees of many blocks.
 */
export type MerkleLevels = readonly Bytes[];

/** MTH of the list whose leaf hashes are given; the hash of nothing for the empty list (section 2.1.1). */
export function merkleRoot(hash: Hash, leafHashes: readonly Digest[]): Digest {
  return rootOfLevels(hash, merkleLevels(hash, leafHashes));
}

/** All levels of the tree. Many paths can be read from them. */
export function merkleLevels(hash: Hash, leafHashes: readonly Digest[]): MerkleLevels {
  return levelsAbove(hash, concatBytes(...leafHashes));
}

/** All levels of the tree over this one. */
export function levelsAbove(hash: Hash, joinedLeafHashes: Bytes): MerkleLevels {
  const levels = [joinedLeafHashes];
  for (let level = joinedLeafHashes; level.length > DIGEST_LENGTH; ) {
    level = levelAbove(hash, level);
    levels.push(level);
  }
  return levels;
}

export function rootOfLevels(hash: Hash, levels: MerkleLevels): Digest {
  const root = levels.at(-1) ?? new Uint8Array();
  return root.length === 0 ? hash(root) : root;
}

/** PATH(index, list), leaf to root, read from the levels of the tree (section 2.1.3.1). */
export function pathThrough(levels: MerkleLevels, index: number): readonly Digest[] {
  const count = (levels[0]?.length ?? 0) / DIGEST_LENGTH;
  assert(Number.isInteger(index) && index >= 0 && index < count, "index of no leaf");
  const path: Digest[] = [];
  for (const [height, level] of levels.entries()) {
    const at = ((index >>> height) ^ 1) * DIGEST_LENGTH;
    if (at < level.length && level.length > DIGEST_LENGTH) {
      path.push(level.slice(at, at + DIGEST_LENGTH));
    }
  }
  return path;
}

/** A claim that a leaf is at `index` of a list of `count` leaves under `root`. */
export interface InclusionClaim {
  readonly leafHash: Digest;
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** Leaf to root. */
  readonly path: readonly Digest[];
  readonly root: Digest;
}

/** Section 2.1.3.2, step by step. The path must have exactly the length that index and count call for. */
export function verifyInclusion(hash: Hash, claim: InclusionClaim): boolean {
  const { index, count, path, root } = claim;
  if (!isCount(index) || !isCount(count) || index >= count) return false;
  let firstNumber = index;
  let secondNumber = count - 1;
  let result = claim.leafHash;
  for (const sibling of path) {
    if (secondNumber === 0 || sibling.length !== DIGEST_LENGTH) return false;
    if (isOdd(firstNumber) || firstNumber === secondNumber) {
      result = nodeHash(hash, sibling, result);
      while (!isOdd(firstNumber) && firstNumber !== 0) {
        firstNumber = half(firstNumber);
        secondNumber = half(secondNumber);
      }
    } else {
      result = nodeHash(hash, result, sibling);
    }
    firstNumber = half(firstNumber);
    secondNumber = half(secondNumber);
  }
  return secondNumber === 0 && equalBytes(result, root);
}

/** 0x01 and two digests: what a node hashes. Written over for each node of a level. */
const nodeInput = concatBytes(NODE_PREFIX, new Uint8Array(2 * DIGEST_LENGTH));
const nodeDigest = new Uint8Array(DIGEST_LENGTH);

/**
 * Hashes pairs of neighbours; an odd last one moves up unchanged. This gives the RFC's tree: its split at the largest
 * power of two below n makes the left part perfect, so every level pairs from the left.
 */
function levelAbove(hash: Hash, level: Bytes): Bytes {
  const pair = 2 * DIGEST_LENGTH;
  const above = new Uint8Array(Math.ceil(level.length / pair) * DIGEST_LENGTH);
  for (let from = 0, to = 0; from < level.length; from += pair, to += DIGEST_LENGTH) {
    if (from + pair > level.length) {
      above.set(level.subarray(from), to);
      break;
    }
    for (let i = 0; i < pair; i++) nodeInput[1 + i] = level[from + i] ?? 0;
    const digest = hash(nodeInput, nodeDigest);
    for (let i = 0; i < DIGEST_LENGTH; i++) above[to + i] = digest[i] ?? 0;
  }
  return above;
}

/** HASH(0x01 || left || right). */
function nodeHash(hash: Hash, left: Digest, right: Digest): Digest {
  return hash(concatBytes(NODE_PREFIX, left, right));
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
