/** Leaves of the keyed trie: where the key, the digest and the value of one lie in shared bytes; their order and their groups. */
import { assert } from "./assert.ts";
import { type Bytes, readU32 } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import type { TrieHashing } from "./merkle-trie-hashing.ts";

export interface TrieLeaf {
  readonly bytes: Bytes;
  readonly keyAt: number;
  readonly digestAt: number;
  readonly valueAt: number;
  /** Exclusive. */
  readonly valueEnd: number;
}

/** In a leaf of its own the key comes first, then the digest, then the value. */
export const LEAF_HEAD_LENGTH = 2 * DIGEST_LENGTH;

/** Of a piece of memory that new leaves share; a longer leaf has its own. */
const PIECE_LENGTH_MAX = 16_384;

/** Where the leaves of one change lie until pages have copied them: many in one piece, because each piece is an object outside the heap. */
export class LeafMemory {
  #piece: Bytes = new Uint8Array();
  #used = 0;

  /** A new leaf. `encoded` is what its digest commits to; `kept` is the part of it that the leaf keeps. */
  leaf(
    hashing: TrieHashing,
    key: Digest,
    { encoded, kept }: { readonly encoded: Bytes; readonly kept: Bytes },
  ): TrieLeaf {
    const length = LEAF_HEAD_LENGTH + kept.length;
    if (this.#used + length > this.#piece.length) {
      // Pieces grow, because most blocks change few wallets.
      const wanted = Math.min(PIECE_LENGTH_MAX, 4 * this.#piece.length);
      this.#piece = new Uint8Array(Math.max(length, wanted));
      this.#used = 0;
    }
    const [bytes, at] = [this.#piece, this.#used];
    this.#used += length;
    bytes.set(key, at);
    hashing.writeLeaf(bytes, at + DIGEST_LENGTH, { key, encoded });
    bytes.set(kept, at + LEAF_HEAD_LENGTH);
    return leafIn(bytes, at, at + length);
  }
}

/** The leaf that lies in `bytes` from `at` on. */
export function leafIn(bytes: Bytes, at: number, valueEnd: number): TrieLeaf {
  const [digestAt, valueAt] = [at + DIGEST_LENGTH, at + LEAF_HEAD_LENGTH];
  return { bytes, keyAt: at, digestAt, valueAt, valueEnd };
}

/** The nibble of the key at `keyAt` that chooses the child of a branch at `depth`; the high half of a byte comes first. */
export function nibbleIn(bytes: Bytes, keyAt: number, depth: number): number {
  const byte = bytes[keyAt + (depth >>> 1)] ?? 0;
  return depth % 2 === 0 ? byte >>> 4 : byte & 0x0f;
}

export function leafNibble({ bytes, keyAt }: TrieLeaf, depth: number): number {
  return nibbleIn(bytes, keyAt, depth);
}

/** The end, exclusive, of the leaves from `from` on that share its nibble at `depth`; all of them share the prefix above. */
export function groupEnd(leaves: readonly TrieLeaf[], part: Part): number {
  const { from, to, depth } = part;
  const first = leaves[from];
  if (first === undefined) return to;
  const nibble = leafNibble(first, depth);
  let end = from + 1;
  for (let leaf = leaves[end]; end < to && leaf !== undefined; leaf = leaves[++end]) {
    if (leafNibble(leaf, depth) !== nibble) break;
  }
  return end;
}

/** A part of sorted leaves, and the depth at which all of them share the prefix of their keys. */
export interface Part {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly depth: number;
}

/** Lexicographic order of keys: negative, zero or positive. */
export function compareKeys(left: TrieLeaf, right: TrieLeaf): number {
  for (let i = 0; i < DIGEST_LENGTH; i++) {
    const difference = (left.bytes[left.keyAt + i] ?? 0) - (right.bytes[right.keyAt + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The leaves by ascending key; of several with one key only the last. */
export function sortedLeaves(leaves: readonly TrieLeaf[]): TrieLeaf[] {
  assert(leaves.length <= PLACES_MAX, "so many leaves are not sorted at once");
  // Ordered by the first bytes and the place, as numbers, without a call for each comparison: keys are digests.
  const order = new Float64Array(leaves.length);
  for (const [place, { bytes, keyAt }] of leaves.entries()) {
    order[place] = readU32(bytes, keyAt) * PLACES_MAX + place;
  }
  order.sort();
  const sorted: TrieLeaf[] = [];
  for (const number of order) {
    const leaf = leaves[number % PLACES_MAX];
    if (leaf === undefined) continue;
    let at = sorted.length;
    for (let before = sorted[at - 1]; before !== undefined; before = sorted[--at - 1]) {
      if (compareKeys(before, leaf) <= 0) break;
    }
    const before = sorted[at - 1];
    if (before !== undefined && compareKeys(before, leaf) === 0) sorted[at - 1] = leaf;
    else sorted.splice(at, 0, leaf);
  }
  return sorted;
}

/** Four bytes of a key, times this, are still exact. */
const PLACES_MAX = 2 ** 21;
