/**
 * A keyed, immutable 16-ary Merkle trie. Keys are digests. A leaf is at the lowest depth at which no other key shares
 * its prefix, so the shape and the root follow from the entries alone, and not from their order. Tries share
 * structure. Every node is hashed once, when a root is first needed. A node keeps keys, values and digests packed as
 * text, and no value twice, because there are millions of them.
 */
import { assert } from "./assert.ts";
import { type Bytes, packBytes, unpackBytes, unpackInto } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { countBits, TRIE_ARITY, type TrieHashing } from "./merkle-trie-hashing.ts";
import type { TrieProof, TrieProofStep } from "./merkle-trie-proof.ts";
import { RecentValues } from "./recent-values.ts";

class Leaf {
  /** Packed: the key, then the bytes of the value. */
  readonly entry: string;
  /** Packed; computed at first use. The rest of a node never changes. */
  digest: string | undefined = undefined;

  constructor(entry: string) {
    this.entry = entry;
  }
}

class Branch {
  /** Bit i is set if there is a child at nibble i. */
  readonly present: number;
  /** Present children by ascending nibble. */
  readonly children: readonly Node[];
  digest: string | undefined = undefined;

  constructor(present: number, children: readonly Node[]) {
    this.present = present;
    this.children = children;
  }
}

type Node = Leaf | Branch;

/** Hashing and value encoding, shared by all tries of one kind. */
export interface TrieKind<V> {
  readonly hashing: TrieHashing;
  /** Canonical bytes of a value; the leaf commits to their hash. */
  encodeValue(value: V): Bytes;
  decodeValue(bytes: Bytes): V;
}

export class MerkleTrie<V> {
  readonly #kind: TrieKind<V>;
  readonly #root: Node | undefined;
  readonly size: number;
  /** Shared by all tries that came of the same empty one: a leaf never changes, so a value kept for it is right in each. */
  readonly #recent: RecentValues<Leaf, V>;

  private constructor(
    kind: TrieKind<V>,
    root: Node | undefined,
    size: number,
    recent: RecentValues<Leaf, V>,
  ) {
    this.#kind = kind;
    this.#root = root;
    this.size = size;
    this.#recent = recent;
  }

  static empty<V>(kind: TrieKind<V>): MerkleTrie<V> {
    return new MerkleTrie<V>(kind, undefined, 0, new RecentValues());
  }

  get(key: Digest): V | undefined {
    const packed = packBytes(key);
    const leaf = findLeaf(this.#root, packed);
    return leaf?.entry.startsWith(packed) === true ? this.#valueOf(leaf) : undefined;
  }

  /** The trie in which `key` has `value`, in place of an earlier value. */
  set(key: Digest, value: V): MerkleTrie<V> {
    return this.setAll([[key, value]]);
  }

  /**
   * The trie in which each key has its value, in place of an earlier one; the last of two values for one key counts. Every
   * branch on the way is made once, however many of its keys change.
   */
  setAll(changes: Iterable<readonly [Digest, V]>): MerkleTrie<V> {
    const leaves: Leaf[] = [];
    for (const [key, value] of changes) leaves.push(this.#leafOf(key, value));
    // The sort is stable, so of two leaves with one key the later one comes last.
    leaves.sort((left, right) => compareKeys(left.entry, right.entry));
    const distinct = leaves.filter((leaf, i) => {
      const next = leaves[i + 1];
      return next === undefined || !hasKeyOf(leaf, next);
    });
    let { size } = this;
    for (const leaf of distinct) {
      const earlier = findLeaf(this.#root, leaf.entry);
      if (earlier === undefined || !hasKeyOf(earlier, leaf)) size += 1;
    }
    const root = merge(this.#root, distinct, { from: 0, to: distinct.length, depth: 0 });
    return new MerkleTrie(this.#kind, root, size, this.#recent);
  }

  /** All entries by ascending key; with `after`, those of larger keys, without visiting the others. */
  *entries(after?: Digest): Generator<readonly [Digest, V]> {
    const pending = after === undefined ? [] : nodesAfter(this.#root, packBytes(after));
    if (after === undefined && this.#root !== undefined) pending.push(this.#root);
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node instanceof Leaf) yield [unpackBytes(keyOf(node)), this.#valueOf(node)];
      else for (const child of node.children.toReversed()) pending.push(child);
    }
  }

  root(): Digest {
    const { hashing } = this.#kind;
    return this.#root === undefined ? hashing.empty : unpackBytes(digestOf(hashing, this.#root));
  }

  /** Proves the result of `get(key)`: the hash of the value, or that there is none. */
  prove(key: Digest): TrieProof {
    assert(key.length === DIGEST_LENGTH, "a trie key is a digest");
    const { hashing } = this.#kind;
    const packed = packBytes(key);
    const steps: TrieProofStep[] = [];
    let node = this.#root;
    while (node instanceof Branch) {
      const nibble = packedNibble(packed, steps.length);
      steps.push(proofStep(hashing, node, nibble));
      node = childAt(node, nibble);
    }
    if (node === undefined) return { steps, end: undefined };
    const valueHash = hashing.value(valueBytesOf(node));
    return { steps, end: { key: unpackBytes(keyOf(node)), valueHash } };
  }

  #valueOf(leaf: Leaf): V {
    const kept = this.#recent.of(slotOf(leaf), leaf);
    if (kept !== undefined) return kept;
    const value = this.#kind.decodeValue(valueBytesOf(leaf));
    this.#recent.keep(slotOf(leaf), leaf, value);
    return value;
  }

  /** With its digest, which costs least while the bytes are at hand. */
  #leafOf(key: Digest, value: V): Leaf {
    assert(key.length === DIGEST_LENGTH, "a trie key is a digest");
    const { hashing } = this.#kind;
    const encoded = this.#kind.encodeValue(value);
    const entry = new Uint8Array(DIGEST_LENGTH + encoded.length);
    entry.set(key);
    entry.set(encoded, DIGEST_LENGTH);
    const leaf = new Leaf(packBytes(entry));
    leaf.digest = hashing.packedLeaf(key, encoded);
    this.#recent.keep(slotOf(leaf), leaf, value);
    return leaf;
  }
}

function keyOf({ entry }: Leaf): string {
  return entry.slice(0, DIGEST_LENGTH);
}

function valueBytesOf({ entry }: Leaf): Bytes {
  return unpackBytes(entry.slice(DIGEST_LENGTH));
}

/** The nibble of a packed key, or of a prefix of one, that chooses the child of a branch at `depth`. */
function packedNibble(packed: string, depth: number): number {
  const byte = packed.charCodeAt(depth >>> 1);
  return depth % 2 === 0 ? byte >>> 4 : byte & 0x0f;
}

function childAt(branch: Branch, nibble: number): Node | undefined {
  const bit = 1 << nibble;
  if ((branch.present & bit) === 0) return undefined;
  return branch.children[countBits(branch.present & (bit - 1))];
}

/** Subtrees that together hold exactly the keys above `key`; the one with the smallest keys is last. */
function nodesAfter(root: Node | undefined, key: string): Node[] {
  const found: Node[] = [];
  let node = root;
  for (let depth = 0; node instanceof Branch; depth++) {
    const nibble = packedNibble(key, depth);
    const upTo = countBits(node.present & ((2 << nibble) - 1));
    found.push(...node.children.slice(upTo).toReversed());
    node = childAt(node, nibble);
  }
  if (node !== undefined && keyOf(node) > key) found.push(node);
  return found;
}

/** The only leaf that could hold `key`. */
function findLeaf(root: Node | undefined, key: string): Leaf | undefined {
  let node = root;
  for (let depth = 0; node instanceof Branch; depth++) {
    node = childAt(node, packedNibble(key, depth));
  }
  return node;
}

/** A part of sorted leaves, and the depth at which all of them share the prefix of their keys. */
interface Part {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly depth: number;
}

/** The node with the leaves of the part in it, in place of those with the same keys. The part has at least one leaf. */
function merge(node: Node | undefined, leaves: readonly Leaf[], part: Part): Node | undefined {
  const { from, to, depth } = part;
  const first = leaves[from];
  if (first === undefined || from === to) return node;
  if (node === undefined) return to - from === 1 ? first : branch(undefined, leaves, part);
  if (node instanceof Branch) return branch(node, leaves, part);
  if (to - from === 1) return hasKeyOf(node, first) ? first : fork(node, first, depth);
  let at = from;
  for (let leaf = leaves[at]; at < to && leaf !== undefined; leaf = leaves[++at]) {
    const order = compareKeys(leaf.entry, node.entry);
    if (order === 0) return branch(undefined, leaves, part);
    if (order > 0) break;
  }
  const all = [...leaves.slice(from, at), node, ...leaves.slice(at, to)];
  return branch(undefined, all, { from: 0, to: all.length, depth });
}

/** A branch with the children of `earlier` and the leaves of the part. */
function branch(earlier: Branch | undefined, leaves: readonly Leaf[], part: Part): Branch {
  const { to, depth } = part;
  const children: Node[] = [];
  let present = 0;
  let { from } = part;
  let old = 0;
  for (let nibble = 0; nibble < TRIE_ARITY; nibble++) {
    const bit = 1 << nibble;
    const child = ((earlier?.present ?? 0) & bit) === 0 ? undefined : earlier?.children[old++];
    let end = from;
    while (end < to && packedNibble(leaves[end]?.entry ?? "", depth) === nibble) end += 1;
    const merged = merge(child, leaves, { from, to: end, depth: depth + 1 });
    from = end;
    if (merged === undefined) continue;
    present |= bit;
    children.push(merged);
  }
  return new Branch(present, children);
}

/** Separates two leaves with different keys: a chain of branches down to the first nibble that differs. */
function fork(left: Leaf, right: Leaf, depth: number): Branch {
  const leftNibble = packedNibble(left.entry, depth);
  const rightNibble = packedNibble(right.entry, depth);
  const present = (1 << leftNibble) | (1 << rightNibble);
  if (leftNibble === rightNibble) return new Branch(present, [fork(left, right, depth + 1)]);
  return new Branch(present, leftNibble < rightNibble ? [left, right] : [right, left]);
}

/** The order of the keys at the beginning of two entries. */
function compareKeys(left: string, right: string): number {
  for (let i = 0; i < DIGEST_LENGTH; i++) {
    const difference = left.charCodeAt(i) - right.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return 0;
}

function hasKeyOf(leaf: Leaf, other: Leaf): boolean {
  return compareKeys(leaf.entry, other.entry) === 0;
}

/** Keys are digests, so their first bits spread evenly. */
function slotOf({ entry }: Leaf): number {
  return (entry.charCodeAt(0) << 8) | entry.charCodeAt(1);
}

/** Children of the branch that is being hashed. Used within `branchDigest` alone, after the digests of the children are made. */
const childDigests = new Uint8Array(TRIE_ARITY * DIGEST_LENGTH);

function digestOf(hashing: TrieHashing, node: Node): string {
  if (node.digest !== undefined) return node.digest;
  node.digest =
    node instanceof Leaf
      ? hashing.packedLeaf(unpackBytes(keyOf(node)), valueBytesOf(node))
      : branchDigest(hashing, node);
  return node.digest;
}

function branchDigest(hashing: TrieHashing, { present, children }: Branch): string {
  for (const child of children) if (child.digest === undefined) digestOf(hashing, child);
  let at = 0;
  for (const child of children) {
    unpackInto(childDigests, digestOf(hashing, child), at);
    at += DIGEST_LENGTH;
  }
  return hashing.packedBranch(present, childDigests.subarray(0, at));
}

/** The branch without the child on the path: the verifier computes that child and puts it back. */
function proofStep(hashing: TrieHashing, branch: Branch, nibble: number): TrieProofStep {
  const onTheWay = childAt(branch, nibble);
  const others = branch.children.filter((child) => child !== onTheWay);
  return {
    present: branch.present & ~(1 << nibble),
    siblings: others.map((child) => unpackBytes(digestOf(hashing, child))),
  };
}
