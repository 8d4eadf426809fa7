/**
 * A keyed, immutable 16-ary Merkle trie. Keys are digests. A leaf is at the lowest depth at which no other key shares
 * its prefix, so the shape and the root follow from the entries alone, and not from their order. Tries share
 * structure. Every node is hashed once, when a root is first needed. A node keeps keys, values and digests packed as
 * text, and no value twice, because there are millions of them.
 */
import { assert } from "./assert.ts";
import { type Bytes, concatBytes, packBytes, unpackBytes, unpackInto } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { countBits, type TrieHashing } from "./merkle-trie-hashing.ts";
import type { TrieProof, TrieProofStep } from "./merkle-trie-proof.ts";

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

  private constructor(kind: TrieKind<V>, root: Node | undefined, size: number) {
    this.#kind = kind;
    this.#root = root;
    this.size = size;
  }

  static empty<V>(kind: TrieKind<V>): MerkleTrie<V> {
    return new MerkleTrie<V>(kind, undefined, 0);
  }

  get(key: Digest): V | undefined {
    const packed = packBytes(key);
    const leaf = findLeaf(this.#root, packed);
    return leaf?.entry.startsWith(packed) === true ? this.#valueOf(leaf) : undefined;
  }

  /** The trie in which `key` has `value`, in place of an earlier value. */
  set(key: Digest, value: V): MerkleTrie<V> {
    assert(key.length === DIGEST_LENGTH, "a trie key is a digest");
    const packed = packBytes(key);
    const isNew = findLeaf(this.#root, packed)?.entry.startsWith(packed) !== true;
    const leaf = new Leaf(packBytes(concatBytes(key, this.#kind.encodeValue(value))));
    return new MerkleTrie(this.#kind, insert(this.#root, leaf, 0), this.size + (isNew ? 1 : 0));
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
    return this.#kind.decodeValue(valueBytesOf(leaf));
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

function insert(node: Node | undefined, leaf: Leaf, depth: number): Node {
  if (node === undefined) return leaf;
  if (node instanceof Leaf) return keyOf(node) === keyOf(leaf) ? leaf : fork(node, leaf, depth);
  const nibble = packedNibble(leaf.entry, depth);
  const bit = 1 << nibble;
  const at = countBits(node.present & (bit - 1));
  if ((node.present & bit) === 0) {
    return new Branch(node.present | bit, node.children.toSpliced(at, 0, leaf));
  }
  const children = node.children.with(at, insert(node.children[at], leaf, depth + 1));
  return new Branch(node.present, children);
}

/** Separates two leaves with different keys: a chain of branches down to the first nibble that differs. */
function fork(left: Leaf, right: Leaf, depth: number): Branch {
  const leftNibble = packedNibble(left.entry, depth);
  const rightNibble = packedNibble(right.entry, depth);
  const present = (1 << leftNibble) | (1 << rightNibble);
  if (leftNibble === rightNibble) return new Branch(present, [fork(left, right, depth + 1)]);
  return new Branch(present, leftNibble < rightNibble ? [left, right] : [right, left]);
}

function digestOf(hashing: TrieHashing, node: Node): string {
  if (node.digest !== undefined) return node.digest;
  const digest =
    node instanceof Leaf
      ? hashing.leaf(unpackBytes(keyOf(node)), hashing.value(valueBytesOf(node)))
      : hashing.branch(node.present, digestsOf(hashing, node.children));
  node.digest = packBytes(digest);
  return node.digest;
}

/** Joined. */
function digestsOf(hashing: TrieHashing, nodes: readonly Node[]): Bytes {
  const joined = new Uint8Array(nodes.length * DIGEST_LENGTH);
  for (const [i, node] of nodes.entries()) {
    unpackInto(joined, digestOf(hashing, node), i * DIGEST_LENGTH);
  }
  return joined;
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
