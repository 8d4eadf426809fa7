/**
 * A keyed, immutable 16-ary Merkle trie. Keys are digests. A leaf is at the lowest depth at which no other key shares
 * its prefix, so the shape and the root follow from the entries alone, and not from their order. Tries share
 * structure. What lies below a prefix with few leaves is one page of flat memory, because there are millions of them.
 */
import { assert } from "./assert.ts";
import { type Bytes, beginsWith, compareBytes, concatBytes } from "./bytes.ts";
import { Encoder } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { TRIE_ARITY, type TrieHashing } from "./merkle-trie-hashing.ts";
import type { TrieProof, TrieProofStep } from "./merkle-trie-proof.ts";
import { RecentValues } from "./recent-values.ts";
import { LeafMemory, nibbleIn, sortedLeaves, type TrieLeaf } from "./trie-leaf.ts";
import type { TrieLeaves } from "./trie-leaves.ts";
import {
  childAt,
  digestOf,
  findPage,
  Merge,
  siblingsOf,
  TrieBranch,
  type TrieNode,
} from "./trie-nodes.ts";
import { stepsIn } from "./trie-page.ts";

/** Hashing and value encoding, shared by all tries of one kind. */
export interface TrieKind<V> {
  readonly hashing: TrieHashing;
  /** With these bytes every encoded value begins. They are hashed, but not kept for each. */
  readonly prefix: Bytes;
  /** Writes the canonical bytes of a value, which begin with the prefix, into an empty encoder; the leaf commits to the hash of these bytes. */
  writeValue(encoder: Encoder, value: V): void;
  decodeValue(bytes: Bytes): V;
}

export class MerkleTrie<V> {
  readonly #kind: TrieKind<V>;
  readonly #root: TrieNode | undefined;
  readonly size: number;
  /** Shared by all tries that came of the same empty one: a value is found by what its leaf commits to, so it is right in each. */
  readonly #recent: RecentValues<V>;

  private constructor(
    kind: TrieKind<V>,
    root: TrieNode | undefined,
    size: number,
    recent: RecentValues<V>,
  ) {
    this.#kind = kind;
    this.#root = root;
    this.size = size;
    this.#recent = recent;
  }

  static empty<V>(kind: TrieKind<V>): MerkleTrie<V> {
    return new MerkleTrie<V>(kind, undefined, 0, new RecentValues());
  }

  /** The trie of leaves that were added to `leaves` before. */
  static of<V>(kind: TrieKind<V>, leaves: TrieLeaves): MerkleTrie<V> {
    const { root, size } = leaves.finish();
    return new MerkleTrie<V>(kind, root, size, new RecentValues());
  }

  get(key: Digest): V | undefined {
    const page = findPage(this.#root, key);
    const index = page?.find(key, 0) ?? -1;
    if (page === undefined || index < 0) return undefined;
    const digestAt = page.digestAt(index);
    const kept = this.#recent.of(slotOf(key), page.bytes, digestAt);
    if (kept !== undefined) return kept;
    const value = this.#decoded(page.leaf(index));
    this.#recent.keep(slotOf(key), page.bytes, digestAt, value);
    return value;
  }

  /** The trie in which `key` has `value`, in place of an earlier value. */
  set(key: Digest, value: V): MerkleTrie<V> {
    return this.setAll([[key, value]]);
  }

  /**
   * The trie in which each key has its value, in place of an earlier one; the last of two values for one key counts. Every
   * branch on the way is made and hashed once, however many of its keys change.
   */
  setAll(changes: Iterable<readonly [Digest, V]>): MerkleTrie<V> {
    const leaves: TrieLeaf[] = [];
    const memory = new LeafMemory();
    for (const [key, value] of changes) leaves.push(this.#leafOf(key, value, memory));
    if (leaves.length === 0) return this;
    const sorted = sortedLeaves(leaves);
    const merge = new Merge(this.#kind.hashing);
    const root = merge.into(this.#root, sorted, { from: 0, to: sorted.length, depth: 0 });
    return new MerkleTrie(this.#kind, root, this.size + merge.added, this.#recent);
  }

  /** All entries by ascending key; with `after`, those of larger keys, without visiting the others. */
  *entries(after?: Digest): Generator<readonly [Digest, V]> {
    const pending = after === undefined ? [] : nodesAfter(this.#root, after);
    if (after === undefined && this.#root !== undefined) pending.push(this.#root);
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node instanceof TrieBranch) {
        for (const child of node.children.toReversed()) pending.push(child);
        continue;
      }
      for (const leaf of node.leaves()) {
        const key = keyOf(leaf);
        // Of the page with `after`; all other pages lie behind it.
        if (after !== undefined && compareBytes(key, after) <= 0) continue;
        const kept = this.#recent.of(slotOf(key), leaf.bytes, leaf.digestAt);
        yield [key, kept ?? this.#decoded(leaf)];
      }
    }
  }

  root(): Digest {
    return this.#root === undefined ? this.#kind.hashing.empty : digestOf(this.#root);
  }

  /** Proves the result of `get(key)`: the hash of the value, or that there is none. */
  prove(key: Digest): TrieProof {
    assert(key.length === DIGEST_LENGTH, "a trie key is a digest");
    const { hashing } = this.#kind;
    const steps: TrieProofStep[] = [];
    let node = this.#root;
    while (node instanceof TrieBranch) {
      const nibble = nibbleIn(key, 0, steps.length);
      steps.push(siblingsOf(node, nibble));
      node = childAt(node, nibble);
    }
    if (node === undefined) return { steps, end: undefined };
    const { steps: inPage, end } = stepsIn(hashing, node, key, steps.length);
    steps.push(...inPage);
    if (end === undefined) return { steps, end: undefined };
    return { steps, end: { key: keyOf(end), valueHash: hashing.value(this.#encoded(end)) } };
  }

  #encoded({ bytes, valueAt, valueEnd }: TrieLeaf): Bytes {
    return concatBytes(this.#kind.prefix, bytes.subarray(valueAt, valueEnd));
  }

  #decoded(leaf: TrieLeaf): V {
    return this.#kind.decodeValue(this.#encoded(leaf));
  }

  #leafOf(key: Digest, value: V, memory: LeafMemory): TrieLeaf {
    assert(key.length === DIGEST_LENGTH, "a trie key is a digest");
    const { hashing, prefix } = this.#kind;
    const encoder = new Encoder();
    this.#kind.writeValue(encoder, value);
    const leaf = encoder.lend((encoded) => {
      assert(beginsWith(encoded, prefix), "every encoded value begins alike");
      return memory.leaf(hashing, key, { encoded, kept: encoded.subarray(prefix.length) });
    });
    this.#recent.keep(slotOf(key), leaf.bytes, leaf.digestAt, value);
    return leaf;
  }
}

function keyOf({ bytes, keyAt }: TrieLeaf): Digest {
  return bytes.slice(keyAt, keyAt + DIGEST_LENGTH);
}

/** Subtrees that together hold all keys above `key`, and perhaps more of one page; the one with the smallest keys is last. */
function nodesAfter(root: TrieNode | undefined, key: Digest): TrieNode[] {
  const found: TrieNode[] = [];
  let node = root;
  for (let depth = 0; node instanceof TrieBranch; depth++) {
    const nibble = nibbleIn(key, 0, depth);
    const above: TrieNode[] = [];
    for (let other = nibble + 1; other < TRIE_ARITY; other++) {
      const child = childAt(node, other);
      if (child !== undefined) above.push(child);
    }
    found.push(...above.reverse());
    node = childAt(node, nibble);
  }
  if (node !== undefined) found.push(node);
  return found;
}

/** Keys are digests, so their first bits spread evenly. */
function slotOf(key: Digest): number {
  return ((key[0] ?? 0) << 8) | (key[1] ?? 0);
}
