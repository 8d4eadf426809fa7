/**
 * An immutable ordered map that shares structure with the maps from which it was made. It is a weight-balanced tree
 * (Adams 1993; delta 3 and ratio 2 as proved by Hirai and Yamamoto 2011), not a hash trie: strangers choose its keys,
 * and no choice of keys makes it slower than the logarithm of its size.
 */
import { assert } from "./assert.ts";

const DELTA = 3;
const RATIO = 2;

interface Node<K, V> {
  readonly key: K;
  readonly value: V;
  readonly left: Tree<K, V>;
  readonly right: Tree<K, V>;
  readonly size: number;
}
type Tree<K, V> = Node<K, V> | undefined;

export class PersistentMap<K extends string | number, V> {
  readonly #root: Tree<K, V>;

  private constructor(root: Tree<K, V>) {
    this.#root = root;
  }

  static empty<K extends string | number, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(undefined);
  }

  get size(): number {
    return sizeOf(this.#root);
  }

  get(key: K): V | undefined {
    let node = this.#root;
    while (node !== undefined && node.key !== key) node = key < node.key ? node.left : node.right;
    return node?.value;
  }

  /** The map in which `key` has `value`, in place of an earlier value. */
  set(key: K, value: V): PersistentMap<K, V> {
    return new PersistentMap(insert(this.#root, key, value));
  }

  /** The map without `key`; this one if it has no such key. */
  delete(key: K): PersistentMap<K, V> {
    const root = remove(this.#root, key);
    return root === this.#root ? this : new PersistentMap(root);
  }

  /** The entry with the smallest key. */
  first(): readonly [K, V] | undefined {
    let node = this.#root;
    while (node?.left !== undefined) node = node.left;
    return node === undefined ? undefined : [node.key, node.value];
  }

  /** The entry with the smallest key that is `from` or above. */
  firstFrom(from: K): readonly [K, V] | undefined {
    let found: Tree<K, V>;
    let node = this.#root;
    while (node !== undefined) {
      if (node.key >= from) found = node;
      node = node.key >= from ? node.left : node.right;
    }
    return found === undefined ? undefined : [found.key, found.value];
  }

  /** All entries by ascending key (code units for text). */
  *entries(): Generator<readonly [K, V]> {
    const above: Node<K, V>[] = [];
    let node = this.#root;
    while (node !== undefined || above.length > 0) {
      while (node !== undefined) {
        above.push(node);
        node = node.left;
      }
      const next = above.pop();
      assert(next !== undefined, "a node was pushed or left over");
      yield [next.key, next.value];
      node = next.right;
    }
  }
}

function sizeOf(tree: Tree<unknown, unknown>): number {
  return tree === undefined ? 0 : tree.size;
}

function join<K, V>(entry: { key: K; value: V }, left: Tree<K, V>, right: Tree<K, V>): Node<K, V> {
  const size = sizeOf(left) + sizeOf(right) + 1;
  return { key: entry.key, value: entry.value, left, right, size };
}

function insert<K, V>(tree: Tree<K, V>, key: K, value: V): Node<K, V> {
  if (tree === undefined) return join({ key, value }, undefined, undefined);
  if (key === tree.key) return join({ key, value }, tree.left, tree.right);
  return key < tree.key
    ? balance(tree, insert(tree.left, key, value), tree.right)
    : balance(tree, tree.left, insert(tree.right, key, value));
}

function remove<K, V>(tree: Tree<K, V>, key: K): Tree<K, V> {
  if (tree === undefined) return undefined;
  if (key === tree.key) return glue(tree.left, tree.right);
  if (key < tree.key) {
    const left = remove(tree.left, key);
    return left === tree.left ? tree : balance(tree, left, tree.right);
  }
  const right = remove(tree.right, key);
  return right === tree.right ? tree : balance(tree, tree.left, right);
}

/** Joins the two sides of a removed node; the new middle comes from the heavier side. */
function glue<K, V>(left: Tree<K, V>, right: Tree<K, V>): Tree<K, V> {
  if (left === undefined) return right;
  if (right === undefined) return left;
  if (left.size > right.size) {
    const last = edge(left, "right");
    return balance(last, remove(left, last.key), right);
  }
  const first = edge(right, "left");
  return balance(first, left, remove(right, first.key));
}

function edge<K, V>(tree: Node<K, V>, side: "left" | "right"): Node<K, V> {
  let node = tree;
  for (let next = node[side]; next !== undefined; next = node[side]) node = next;
  return node;
}

/** Restores the weights after one side gained or lost one entry. */
function balance<K, V>(
  entry: { key: K; value: V },
  left: Tree<K, V>,
  right: Tree<K, V>,
): Node<K, V> {
  if (sizeOf(left) + sizeOf(right) <= 1) return join(entry, left, right);
  if (right !== undefined && right.size > DELTA * sizeOf(left)) {
    const { left: inner, right: outer } = right;
    if (inner === undefined || inner.size < RATIO * sizeOf(outer)) {
      return join(right, join(entry, left, inner), outer);
    }
    return join(inner, join(entry, left, inner.left), join(right, inner.right, outer));
  }
  if (left !== undefined && left.size > DELTA * sizeOf(right)) {
    const { left: outer, right: inner } = left;
    if (inner === undefined || inner.size < RATIO * sizeOf(outer)) {
      return join(left, outer, join(entry, inner, right));
    }
    return join(inner, join(left, outer, inner.left), join(entry, inner.right, right));
  }
  return join(entry, left, right);
}
