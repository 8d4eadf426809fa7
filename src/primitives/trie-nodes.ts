/** The nodes of the keyed trie above its leaves: branches over branches and pages, and the changes of many leaves at once. */

import { type Bytes, copyBytes } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { countBits, TRIE_ARITY, type TrieHashing } from "./merkle-trie-hashing.ts";
import {
  compareKeys,
  groupEnd,
  leafNibble,
  nibbleIn,
  type Part,
  type TrieLeaf,
} from "./trie-leaf.ts";
import { PAGE_LEAVES_MAX, pageOf, replacedIn, type TriePage } from "./trie-page.ts";

/** In `bytes`: the digest, then those of the children, joined. */
export class TrieBranch {
  readonly bytes: Bytes;
  /** Bit i is set if there is a child at nibble i. */
  readonly present: number;
  /** Present children by ascending nibble. */
  readonly children: readonly TrieNode[];

  constructor(bytes: Bytes, present: number, children: readonly TrieNode[]) {
    this.bytes = bytes;
    this.present = present;
    this.children = children;
  }
}

export type TrieNode = TrieBranch | TriePage;

export function digestOf({ bytes }: TrieNode): Digest {
  return bytes.slice(0, DIGEST_LENGTH);
}

export function childAt(branch: TrieBranch, nibble: number): TrieNode | undefined {
  if ((branch.present & (1 << nibble)) === 0) return undefined;
  return branch.children[placeOf(branch.present, nibble)];
}

/** The only page that could hold `key`. */
export function findPage(root: TrieNode | undefined, key: Digest): TriePage | undefined {
  let node = root;
  for (let depth = 0; node instanceof TrieBranch; depth++) {
    node = childAt(node, nibbleIn(key, 0, depth));
  }
  return node;
}

/** A change of a trie; it counts the leaves that were not there before. */
export class Merge {
  readonly #hashing: TrieHashing;
  added = 0;

  constructor(hashing: TrieHashing) {
    this.#hashing = hashing;
  }

  /** The node with the leaves of the part in it, in place of those with the same keys. The leaves are sorted, and the part has one at least. */
  into(node: TrieNode | undefined, leaves: readonly TrieLeaf[], part: Part): TrieNode {
    if (node === undefined) {
      this.added += part.to - part.from;
      return nodeOf(this.#hashing, leaves, part);
    }
    if (node instanceof TrieBranch) return this.#intoBranch(node, leaves, part);
    const replaced = replacedIn(this.#hashing, node, leaves, part);
    if (replaced !== undefined) return replaced;
    const all = joined(node.leaves(), leaves, part);
    this.added += all.length - node.count;
    const whole = { from: 0, to: all.length, depth: part.depth };
    if (all.length <= PAGE_LEAVES_MAX) return pageOf(this.#hashing, all, whole, node);
    return nodeOf(this.#hashing, all, whole);
  }

  #intoBranch(branch: TrieBranch, leaves: readonly TrieLeaf[], part: Part): TrieBranch {
    const { to, depth } = part;
    const { present } = branch;
    const children = branch.children.slice();
    let changed = 0;
    let added: TrieNode[] | undefined;
    for (let from = part.from; from < to; ) {
      const end = groupEnd(leaves, { from, to, depth });
      const first = leaves[from];
      if (first === undefined) break;
      const nibble = leafNibble(first, depth);
      const below = { from, to: end, depth: depth + 1 };
      if ((present & (1 << nibble)) === 0) {
        added ??= new Array<TrieNode>(TRIE_ARITY);
        added[nibble] = this.into(undefined, leaves, below);
      } else {
        const place = placeOf(present, nibble);
        children[place] = this.into(children[place], leaves, below);
        changed |= 1 << nibble;
      }
      from = end;
    }
    if (added === undefined) return changedBranch(this.#hashing, branch, children, changed);
    return branchOf(this.#hashing, slotsOf(present, children, added));
  }
}

/** The node of a part of sorted leaves, at least one. */
export function nodeOf(hashing: TrieHashing, leaves: readonly TrieLeaf[], part: Part): TrieNode {
  const { from, to, depth } = part;
  if (to - from <= PAGE_LEAVES_MAX) return pageOf(hashing, leaves, part);
  const slots: (TrieNode | undefined)[] = new Array(TRIE_ARITY).fill(undefined);
  for (let at = from; at < to; ) {
    const end = groupEnd(leaves, { from: at, to, depth });
    const first = leaves[at];
    if (first === undefined) break;
    const group = { from: at, to: end, depth: depth + 1 };
    slots[leafNibble(first, depth)] = nodeOf(hashing, leaves, group);
    at = end;
  }
  return branchOf(hashing, slots);
}

/** The branch over the nodes by nibble. */
export function branchOf(
  hashing: TrieHashing,
  slots: readonly (TrieNode | undefined)[],
): TrieBranch {
  const children: TrieNode[] = [];
  let present = 0;
  for (const [nibble, child] of slots.entries()) {
    if (child === undefined) continue;
    present |= 1 << nibble;
    children.push(child);
  }
  const bytes = new Uint8Array(DIGEST_LENGTH * (1 + children.length));
  for (const [place, child] of children.entries()) putDigest(bytes, place, child);
  return hashedBranch(hashing, bytes, present, children);
}

/** The branch with `children`, of which only those at the nibbles in `changed` are new: the others' digests are taken over unseen. */
function changedBranch(
  hashing: TrieHashing,
  { bytes: before, present }: TrieBranch,
  children: readonly TrieNode[],
  changed: number,
): TrieBranch {
  const bytes = before.slice();
  for (let rest = changed; rest !== 0; rest &= rest - 1) {
    const place = countBits(present & ((rest & -rest) - 1));
    const child = children[place];
    if (child !== undefined) putDigest(bytes, place, child);
  }
  return hashedBranch(hashing, bytes, present, children);
}

function putDigest(bytes: Bytes, place: number, child: TrieNode): void {
  const at = DIGEST_LENGTH * (1 + place);
  copyBytes(child.bytes, 0, { into: bytes, at, length: DIGEST_LENGTH });
}

/** `bytes` has the digests of the children; its own is written before them. */
function hashedBranch(
  hashing: TrieHashing,
  bytes: Bytes,
  present: number,
  children: readonly TrieNode[],
): TrieBranch {
  hashing.writeBranch(bytes, 0, present, bytes.subarray(DIGEST_LENGTH));
  return new TrieBranch(bytes, present, children);
}

/** The place of the child at `nibble` among those that are present. */
function placeOf(present: number, nibble: number): number {
  return countBits(present & ((1 << nibble) - 1));
}

/** The children by nibble, and those that were added at others. */
function slotsOf(
  present: number,
  children: readonly TrieNode[],
  added: readonly TrieNode[],
): (TrieNode | undefined)[] {
  return Array.from({ length: TRIE_ARITY }, (_, nibble) => {
    return (present & (1 << nibble)) === 0 ? added[nibble] : children[placeOf(present, nibble)];
  });
}

/** All leaves in order; of two with one key that of the part. */
function joined(
  old: readonly TrieLeaf[],
  leaves: readonly TrieLeaf[],
  { from, to }: Part,
): TrieLeaf[] {
  const all: TrieLeaf[] = [];
  let at = from;
  for (const leaf of old) {
    let next = leaves[at];
    while (at < to && next !== undefined && compareKeys(next, leaf) < 0) {
      all.push(next);
      next = leaves[++at];
    }
    const isReplaced = at < to && next !== undefined && compareKeys(next, leaf) === 0;
    if (!isReplaced) all.push(leaf);
  }
  all.push(...leaves.slice(at, to));
  return all;
}

/** The branch without the child on the path: the verifier computes that child and puts it back. */
export function siblingsOf(
  branch: TrieBranch,
  nibble: number,
): { present: number; siblings: Digest[] } {
  const siblings: Digest[] = [];
  let at = DIGEST_LENGTH;
  for (let other = 0; other < TRIE_ARITY; other++) {
    if ((branch.present & (1 << other)) === 0) continue;
    if (other !== nibble) siblings.push(branch.bytes.slice(at, at + DIGEST_LENGTH));
    at += DIGEST_LENGTH;
  }
  return { present: branch.present & ~(1 << nibble), siblings };
}
