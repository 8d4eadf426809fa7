/** A large trie made at once, as a start makes it: its leaves are collected in flat memory, and each page and branch is made once. */
import { type Bytes, beginsWith, copyBytes } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { TRIE_ARITY, type TrieHashing } from "./merkle-trie-hashing.ts";
import { LEAF_HEAD_LENGTH, leafIn, sortedLeaves, type TrieLeaf } from "./trie-leaf.ts";
import { branchOf, nodeOf, type TrieNode } from "./trie-nodes.ts";
import { PAGE_LEAVES_MAX } from "./trie-page.ts";

/** The part of a kind of trie (merkle-trie.ts) that its leaves need. */
interface LeafKind {
  readonly hashing: TrieHashing;
  readonly prefix: Bytes;
}

/** Leaves of a large trie that is made at once: flat until the trie is made. */
export class TrieLeaves {
  readonly #kind: LeafKind;
  /** By the first byte of their keys. */
  readonly #buckets = Array.from({ length: 256 }, () => new Bucket());

  constructor(kind: LeafKind) {
    this.#kind = kind;
  }

  /** False, and nothing is added, if the value does not begin as all do. No key is added twice. */
  add(key: Digest, encoded: Bytes): boolean {
    const { hashing, prefix } = this.#kind;
    if (!beginsWith(encoded, prefix)) return false;
    this.#buckets[key[0] ?? 0]?.add(hashing, key, { encoded, keptFrom: prefix.length });
    return true;
  }

  /** Called once; the buckets are emptied one after the other, so that memory is not taken twice. */
  finish(): { readonly root: TrieNode | undefined; readonly size: number } {
    const { hashing } = this.#kind;
    const size = this.#buckets.reduce((sum, { count }) => sum + count, 0);
    const nodeIn = (buckets: readonly Bucket[], depth: number): TrieNode | undefined => {
      const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
      if (count === 0) return undefined;
      if (count <= PAGE_LEAVES_MAX || buckets.length === 1) {
        const leaves = sortedLeaves(buckets.flatMap((bucket) => bucket.take()));
        return nodeOf(hashing, leaves, { from: 0, to: leaves.length, depth });
      }
      const width = buckets.length / TRIE_ARITY;
      const slots = Array.from({ length: TRIE_ARITY }, (_, nibble) =>
        nodeIn(buckets.slice(nibble * width, (nibble + 1) * width), depth + 1),
      );
      return branchOf(hashing, slots);
    };
    return { root: nodeIn(this.#buckets, 0), size };
  }
}

/** Leaves one after the other. */
class Bucket {
  #bytes = new Uint8Array(0);
  #ends: number[] = [];
  #end = 0;

  get count(): number {
    return this.#ends.length;
  }

  add(
    hashing: TrieHashing,
    key: Digest,
    { encoded, keptFrom }: { readonly encoded: Bytes; readonly keptFrom: number },
  ): void {
    const at = this.#end;
    const length = encoded.length - keptFrom;
    const end = at + LEAF_HEAD_LENGTH + length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    const into = this.#bytes;
    copyBytes(key, 0, { into, at, length: DIGEST_LENGTH });
    hashing.writeLeaf(into, at + DIGEST_LENGTH, { key, encoded });
    copyBytes(encoded, keptFrom, { into, at: at + LEAF_HEAD_LENGTH, length });
    this.#ends.push(end);
    this.#end = end;
  }

  /** All leaves; the bucket is empty then. */
  take(): TrieLeaf[] {
    const [bytes, ends] = [this.#bytes, this.#ends];
    [this.#bytes, this.#ends, this.#end] = [new Uint8Array(0), [], 0];
    return ends.map((end, i) => leafIn(bytes, ends[i - 1] ?? 0, end));
  }
}
