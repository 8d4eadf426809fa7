/**
 * A keyed, immutable 16-ary Merkle trie. Keys are digests; a leaf sits at the shallowest depth at which no
 * other key shares its prefix, so the shape and the root follow from the entries alone, never from the order
 * in which they came. Tries share structure, and every node is hashed once, when a root is first asked for.
 */
import { assert } from "./assert.ts";
import { type Bytes, compareBytes, equalBytes } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { countBits, nibbleAt, type TrieHashing } from "./merkle-trie-hashing.ts";
import type { TrieProof, TrieProofStep } from "./merkle-trie-proof.ts";

interface Leaf<V> {
  readonly kind: "leaf";
  readonly key: Digest;
  readonly value: V;
  /** Filled in at first use; the rest of a node never changes. */
  digest: Digest | undefined;
}

interface Branch<V> {
  readonly kind: "branch";
  /** Bit i is set if there is a child at nibble i. */
  readonly present: number;
  /** Present children by ascending nibble. */
  readonly children: readonly Node<V>[];
  digest: Digest | undefined;
}

type Node<V> = Leaf<V> | Branch<V>;

/** What all tries of one kind share. */
export interface TrieKind<V> {
  readonly hashing: TrieHashing;
  /** Canonical bytes of a value; the leaf commits to their hash. */
  encodeValue(value: V): Bytes;
}

export class MerkleTrie<V> {
  readonly #kind: TrieKind<V>;
  readonly #root: Node<V> | undefined;
  readonly size: number;

  private constructor(kind: TrieKind<V>, root: Node<V> | undefined, size: number) {
    this.#kind = kind;
    this.#root = root;
    this.size = size;
  }

  static empty<V>(kind: TrieKind<V>): MerkleTrie<V> {
    return new MerkleTrie<V>(kind, undefined, 0);
  }

  get(key: Digest): V | undefined {
    const leaf = findLeaf(this.#root, key);
    return leaf !== undefined && equalBytes(leaf.key, key) ? leaf.value : undefined;
  }

  /** A trie with `key` bound to `value`, whatever it was bound to before. */
  set(key: Digest, value: V): MerkleTrie<V> {
    assert(key.length === DIGEST_LENGTH, "a trie key is a digest");
    const known = findLeaf(this.#root, key);
    const isNew = known === undefined || !equalBytes(known.key, key);
    const root = insert(this.#root, { kind: "leaf", key, value, digest: undefined }, 0);
    return new MerkleTrie(this.#kind, root, this.size + (isNew ? 1 : 0));
  }

  /** All entries by ascending key; with `after` those of larger keys, found without a look at the others. */
  *entries(after?: Digest): Generator<readonly [Digest, V]> {
    const pending = after === undefined ? [] : nodesAfter(this.#root, after);
    if (after === undefined && this.#root !== undefined) pending.push(this.#root);
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node.kind === "leaf") yield [node.key, node.value];
      else for (const child of node.children.toReversed()) pending.push(child);
    }
  }

  root(): Digest {
    return this.#root === undefined ? this.#kind.hashing.empty : digestOf(this.#kind, this.#root);
  }

  /** Proves what `get(key)` answers: the hash of the value, or that there is none. */
  prove(key: Digest): TrieProof {
    assert(key.length === DIGEST_LENGTH, "a trie key is a digest");
    const steps: TrieProofStep[] = [];
    let node = this.#root;
    while (node?.kind === "branch") {
      const nibble = nibbleAt(key, steps.length);
      steps.push(proofStep(this.#kind, node, nibble));
      node = childAt(node, nibble);
    }
    if (node === undefined) return { steps, end: undefined };
    return { steps, end: { key: node.key, valueHash: valueHashOf(this.#kind, node) } };
  }
}

function childAt<V>(branch: Branch<V>, nibble: number): Node<V> | undefined {
  const bit = 1 << nibble;
  if ((branch.present & bit) === 0) return undefined;
  return branch.children[countBits(branch.present & (bit - 1))];
}

/** What together holds exactly the keys above `key`; the smallest stands last. */
function nodesAfter<V>(root: Node<V> | undefined, key: Digest): Node<V>[] {
  const found: Node<V>[] = [];
  let node = root;
  for (let depth = 0; node?.kind === "branch"; depth++) {
    const nibble = nibbleAt(key, depth);
    const upTo = countBits(node.present & ((2 << nibble) - 1));
    found.push(...node.children.slice(upTo).toReversed());
    node = childAt(node, nibble);
  }
  if (node !== undefined && compareBytes(node.key, key) > 0) found.push(node);
  return found;
}

/** The only leaf that could hold `key`. */
function findLeaf<V>(root: Node<V> | undefined, key: Digest): Leaf<V> | undefined {
  let node = root;
  for (let depth = 0; node?.kind === "branch"; depth++) node = childAt(node, nibbleAt(key, depth));
  return node;
}

function insert<V>(node: Node<V> | undefined, leaf: Leaf<V>, depth: number): Node<V> {
  if (node === undefined) return leaf;
  if (node.kind === "leaf") {
    return equalBytes(node.key, leaf.key) ? leaf : fork(node, leaf, depth);
  }
  const nibble = nibbleAt(leaf.key, depth);
  const bit = 1 << nibble;
  const at = countBits(node.present & (bit - 1));
  if ((node.present & bit) === 0) {
    const children = node.children.toSpliced(at, 0, leaf);
    return { kind: "branch", present: node.present | bit, children, digest: undefined };
  }
  const children = node.children.with(at, insert(node.children[at], leaf, depth + 1));
  return { kind: "branch", present: node.present, children, digest: undefined };
}

/** Parts two leaves with different keys: a chain of branches down to the first nibble that differs. */
function fork<V>(left: Leaf<V>, right: Leaf<V>, depth: number): Branch<V> {
  const leftNibble = nibbleAt(left.key, depth);
  const rightNibble = nibbleAt(right.key, depth);
  const present = (1 << leftNibble) | (1 << rightNibble);
  if (leftNibble === rightNibble) {
    const children = [fork(left, right, depth + 1)];
    return { kind: "branch", present, children, digest: undefined };
  }
  const children = leftNibble < rightNibble ? [left, right] : [right, left];
  return { kind: "branch", present, children, digest: undefined };
}

function valueHashOf<V>(kind: TrieKind<V>, leaf: Leaf<V>): Digest {
  return kind.hashing.value(kind.encodeValue(leaf.value));
}

function digestOf<V>(kind: TrieKind<V>, node: Node<V>): Digest {
  if (node.digest !== undefined) return node.digest;
  const digest =
    node.kind === "leaf"
      ? kind.hashing.leaf(node.key, valueHashOf(kind, node))
      : kind.hashing.branch(
          node.present,
          node.children.map((child) => digestOf(kind, child)),
        );
  node.digest = digest;
  return digest;
}

/** The branch without the child on the way, which whoever checks puts back by computing it. */
function proofStep<V>(kind: TrieKind<V>, branch: Branch<V>, nibble: number): TrieProofStep {
  const onTheWay = childAt(branch, nibble);
  const others = branch.children.filter((child) => child !== onTheWay);
  return {
    present: branch.present & ~(1 << nibble),
    siblings: others.map((child) => digestOf(kind, child)),
  };
}
