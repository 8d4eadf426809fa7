/** Hashes of the keyed trie's nodes: every kind of node has its own tag, and each hash is bound to the network. */
import { type Bytes, concatBytes, copyBytes } from "./bytes.ts";
import { Encoder } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import { TAGS, type Tag } from "./tags.ts";

/** Branches have one child for each value of a nibble. */
export const TRIE_ARITY = 16;
/** Nibbles in a key; no path is longer. */
export const TRIE_DEPTH_MAX = DIGEST_LENGTH * 2;

export interface TrieHashing {
  /** Root of a trie without entries. */
  readonly empty: Digest;
  leaf(key: Digest, valueHash: Digest): Digest;
  /**
   * `present` has bit i set for a child at nibble i; `children` are the digests of those children, joined, by
   * ascending nibble. An absent child adds no digest, so the bits are hashed too.
   */
  branch(present: number, children: Bytes): Digest;
  /** The hash that leaves commit to. */
  value(encoded: Bytes): Digest;
  /** The digest of the leaf of `key` with this value, and that of a branch, written into `into` from `at` on. */
  writeLeaf(into: Bytes, at: number, leaf: { readonly key: Digest; readonly encoded: Bytes }): void;
  writeBranch(into: Bytes, at: number, present: number, children: Bytes): void;
}

export function trieHashing(hash: Hash, networkId: NetworkId): TrieHashing {
  const prefix = (tag: Tag) => new Encoder().tag(tag).fixed(networkId, DIGEST_LENGTH).finish();
  const leafPrefix = prefix(TAGS.trieLeaf);
  const branchPrefix = prefix(TAGS.trieBranch);
  const empty = hash(prefix(TAGS.trieEmpty));
  // Written over for each node: a trie of a million wallets hashes a million of them.
  const leafInput = concatBytes(leafPrefix, new Uint8Array(2 * DIGEST_LENGTH));
  const leafValue = leafInput.subarray(leafPrefix.length + DIGEST_LENGTH);
  const bits = branchPrefix.length;
  const childrenAt = bits + 2;
  const branchInput = concatBytes(branchPrefix, new Uint8Array(2 + TRIE_ARITY * DIGEST_LENGTH));
  const scratch = new Uint8Array(DIGEST_LENGTH);
  const putKey = (key: Digest): void => {
    copyBytes(key, 0, { into: leafInput, at: leafPrefix.length, length: DIGEST_LENGTH });
  };
  const branch = (present: number, children: Bytes, into?: Bytes): Digest => {
    branchInput[bits] = present >>> 8;
    branchInput[bits + 1] = present & 0xff;
    branchInput.set(children, childrenAt);
    return hash(branchInput.subarray(0, childrenAt + children.length), into);
  };
  return {
    empty,
    leaf: (key, valueHash) => {
      putKey(key);
      leafValue.set(valueHash);
      return hash(leafInput);
    },
    branch: (present, children) => branch(present, children),
    value: (encoded) => hash(encoded),
    writeLeaf: (into, at, { key, encoded }) => {
      putKey(key);
      const value = hash(encoded, leafValue);
      // A hash may leave `into` alone.
      if (value !== leafValue) leafValue.set(value);
      copyBytes(hash(leafInput, scratch), 0, { into, at, length: DIGEST_LENGTH });
    },
    writeBranch: (into, at, present, children) => {
      copyBytes(branch(present, children, scratch), 0, { into, at, length: DIGEST_LENGTH });
    },
  };
}

/** The nibble of `key` that chooses the child of a branch at `depth`; the high half of a byte comes first. */
export function nibbleAt(key: Digest, depth: number): number {
  const byte = key[depth >>> 1] ?? 0;
  return depth % 2 === 0 ? byte >>> 4 : byte & 0x0f;
}

/** The number of the 16 low bits that are set. */
export function countBits(bits: number): number {
  let rest = bits;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}
