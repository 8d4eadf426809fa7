/**
 * A page: the lowest part of the keyed trie, up to 32 leaves below one prefix in one piece of memory. A million leaves are then
 * 65,000 pages, and what belongs together lies together. Its digest is that of the node which the leaves form. A
 * change copies a page, so larger ones would cost more for each change, and smaller ones more memory for each leaf.
 */
import { assert } from "./assert.ts";
import { type Bytes, type BytesTarget, copyBytes, readU32 } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import { countBits, TRIE_ARITY, type TrieHashing } from "./merkle-trie-hashing.ts";
import type { TrieProofStep } from "./merkle-trie-proof.ts";
import { leafNibble, nibbleIn, type Part, type TrieLeaf } from "./trie-leaf.ts";

export const PAGE_LEAVES_MAX = 32;
/** Of the end of a value. */
const END_LENGTH = 4;

/**
 * In `bytes`: the digest; those of the children of the branch that the leaves form, none if there is one leaf; the keys; the
 * digests of the leaves; the ends of the values; the values.
 */
export class TriePage {
  readonly bytes: Bytes;
  readonly count: number;
  /** Bit i is set if the branch has a child at nibble i; 0 if there is one leaf. */
  readonly present: number;
  readonly keysAt: number;

  constructor(bytes: Bytes, count: number, present: number) {
    this.bytes = bytes;
    this.count = count;
    this.present = present;
    this.keysAt = DIGEST_LENGTH * (1 + countBits(present));
  }

  keyAt(index: number): number {
    return this.keysAt + index * DIGEST_LENGTH;
  }

  digestAt(index: number): number {
    return this.keysAt + (this.count + index) * DIGEST_LENGTH;
  }

  leaf(index: number): TrieLeaf {
    const valueAt = index === 0 ? valuesAt(this) : endOf(this, index - 1);
    const { bytes } = this;
    const [keyAt, digestAt] = [this.keyAt(index), this.digestAt(index)];
    return { bytes, keyAt, digestAt, valueAt, valueEnd: endOf(this, index) };
  }

  leaves(): TrieLeaf[] {
    return Array.from({ length: this.count }, (_, index) => this.leaf(index));
  }

  /** The place of the leaf with the key at `at` of `bytes`; -1 if there is none. */
  find(bytes: Bytes, at: number): number {
    for (let index = 0; index < this.count; index++) {
      if (isSame(this.bytes, this.keyAt(index), bytes, at)) return index;
    }
    return -1;
  }
}

function valuesAt({ keysAt, count }: TriePage): number {
  return keysAt + count * (2 * DIGEST_LENGTH + END_LENGTH);
}

function endOf({ bytes, keysAt, count }: TriePage, index: number): number {
  const at = keysAt + count * 2 * DIGEST_LENGTH + index * END_LENGTH;
  return readU32(bytes, at);
}

function writeEnd(bytes: Bytes, at: number, end: number): void {
  bytes[at] = end >>> 24;
  bytes[at + 1] = end >>> 16;
  bytes[at + 2] = end >>> 8;
  bytes[at + 3] = end;
}

/** From the last byte on: keys of one page share their first ones. */
function isSame(left: Bytes, leftAt: number, right: Bytes, rightAt: number): boolean {
  for (let i = DIGEST_LENGTH - 1; i >= 0; i--) {
    if (left[leftAt + i] !== right[rightAt + i]) return false;
  }
  return true;
}

/** The page of a part of sorted leaves, at least one. Digests of groups that are all of `earlier` are taken over from there. */
export function pageOf(
  hashing: TrieHashing,
  leaves: readonly TrieLeaf[],
  part: Part,
  earlier?: TriePage,
): TriePage {
  const { from, to } = part;
  const count = to - from;
  assert(count > 0 && count <= PAGE_LEAVES_MAX, "the leaves of a page");
  let [present, values] = [0, 0];
  for (let i = from; i < to; i++) {
    const leaf = leaves[i];
    assert(leaf !== undefined, "a part lies in its leaves");
    if (count > 1) present |= 1 << leafNibble(leaf, part.depth);
    values += leaf.valueEnd - leaf.valueAt;
  }
  const head = DIGEST_LENGTH * (1 + countBits(present));
  const bytes = new Uint8Array(head + count * (2 * DIGEST_LENGTH + END_LENGTH) + values);
  const page = new TriePage(bytes, count, present);
  let valueAt = valuesAt(page);
  for (let index = 0; index < count; index++) {
    const leaf = leaves[from + index];
    if (leaf === undefined) continue;
    copyBytes(leaf.bytes, leaf.keyAt, {
      into: bytes,
      at: page.keyAt(index),
      length: DIGEST_LENGTH,
    });
    const digest = { into: bytes, at: page.digestAt(index), length: DIGEST_LENGTH };
    copyBytes(leaf.bytes, leaf.digestAt, digest);
    const length = leaf.valueEnd - leaf.valueAt;
    copyBytes(leaf.bytes, leaf.valueAt, { into: bytes, at: valueAt, length });
    valueAt += length;
    writeEnd(bytes, page.keysAt + count * 2 * DIGEST_LENGTH + index * END_LENGTH, valueAt);
  }
  if (count > 1) writeChildren(hashing, page, { leaves, part, earlier });
  writeOwnDigest(hashing, page);
  return page;
}

function writeChildren(
  hashing: TrieHashing,
  page: TriePage,
  from: {
    readonly leaves: readonly TrieLeaf[];
    readonly part: Part;
    readonly earlier: TriePage | undefined;
  },
): void {
  const { leaves, part, earlier } = from;
  const { depth } = part;
  const { bytes, count } = page;
  let child = DIGEST_LENGTH;
  for (let index = 0; index < count; child += DIGEST_LENGTH) {
    const end = groupEndIn(page, { from: index, to: count, depth });
    const group = leaves.slice(part.from + index, part.from + end);
    if (earlier?.present && group.every((leaf) => leaf.bytes === earlier.bytes)) {
      const at = childAt(earlier, nibbleIn(bytes, page.keyAt(index), depth));
      copyBytes(earlier.bytes, at, { into: bytes, at: child, length: DIGEST_LENGTH });
    } else {
      const below = { from: index, to: end, depth: depth + 1 };
      writeDigest(hashing, page, below, { into: bytes, at: child });
    }
    index = end;
  }
}

/** The place of the digest of the child at this nibble. */
function childAt({ present }: TriePage, nibble: number): number {
  return DIGEST_LENGTH * (1 + countBits(present & ((1 << nibble) - 1)));
}

/**
 * The page with these leaves in place of those with the same keys; undefined if one of them is new, or has a value of another
 * length.
 */
export function replacedIn(
  hashing: TrieHashing,
  page: TriePage,
  leaves: readonly TrieLeaf[],
  part: Part,
): TriePage | undefined {
  const { from, to, depth } = part;
  const indices: number[] = [];
  for (let i = from; i < to; i++) {
    const leaf = leaves[i];
    const index = leaf === undefined ? -1 : page.find(leaf.bytes, leaf.keyAt);
    if (leaf === undefined || index < 0) return undefined;
    const { valueAt, valueEnd } = page.leaf(index);
    if (valueEnd - valueAt !== leaf.valueEnd - leaf.valueAt) return undefined;
    indices.push(index);
  }
  const bytes = page.bytes.slice();
  const next = new TriePage(bytes, page.count, page.present);
  for (const [i, index] of indices.entries()) {
    const leaf = leaves[from + i];
    if (leaf === undefined) continue;
    const { digestAt, valueAt } = next.leaf(index);
    copyBytes(leaf.bytes, leaf.digestAt, { into: bytes, at: digestAt, length: DIGEST_LENGTH });
    const length = leaf.valueEnd - leaf.valueAt;
    copyBytes(leaf.bytes, leaf.valueAt, { into: bytes, at: valueAt, length });
  }
  let done = 0;
  for (const index of indices) {
    if (next.present === 0 || index < done) continue;
    const nibble = nibbleIn(bytes, next.keyAt(index), depth);
    const first = groupBegin(next, index, depth);
    done = groupEndIn(next, { from: index, to: next.count, depth });
    const child = childAt(next, nibble);
    writeDigest(
      hashing,
      next,
      { from: first, to: done, depth: depth + 1 },
      { into: bytes, at: child },
    );
  }
  writeOwnDigest(hashing, next);
  return next;
}

function writeOwnDigest(hashing: TrieHashing, page: TriePage): void {
  const { bytes, present, keysAt } = page;
  if (present === 0) bytes.copyWithin(0, page.digestAt(0), page.digestAt(0) + DIGEST_LENGTH);
  else hashing.writeBranch(bytes, 0, present, bytes.subarray(DIGEST_LENGTH, keysAt));
}

/** The end, exclusive, of the leaves of the part that share the nibble of its first at its depth. */
function groupEndIn(page: TriePage, { from, to, depth }: Part): number {
  const nibble = nibbleIn(page.bytes, page.keyAt(from), depth);
  let end = from + 1;
  while (end < to && nibbleIn(page.bytes, page.keyAt(end), depth) === nibble) end += 1;
  return end;
}

function groupBegin(page: TriePage, index: number, depth: number): number {
  const nibble = nibbleIn(page.bytes, page.keyAt(index), depth);
  let begin = index;
  while (begin > 0 && nibbleIn(page.bytes, page.keyAt(begin - 1), depth) === nibble) begin -= 1;
  return begin;
}

/** Writes the digest of the node that the leaves of the part form at its depth. */
function writeDigest(
  hashing: TrieHashing,
  page: TriePage,
  { from, to, depth }: Part,
  { into, at }: Pick<BytesTarget, "into" | "at">,
): void {
  if (to - from === 1) {
    copyBytes(page.bytes, page.digestAt(from), { into, at, length: DIGEST_LENGTH });
    return;
  }
  const children = new Uint8Array(Math.min(to - from, TRIE_ARITY) * DIGEST_LENGTH);
  let [present, length] = [0, 0];
  for (let index = from; index < to; length += DIGEST_LENGTH) {
    present |= 1 << nibbleIn(page.bytes, page.keyAt(index), depth);
    const end = groupEndIn(page, { from: index, to, depth });
    writeDigest(
      hashing,
      page,
      { from: index, to: end, depth: depth + 1 },
      { into: children, at: length },
    );
    index = end;
  }
  hashing.writeBranch(into, at, present, children.subarray(0, length));
}

/** The steps of the proof of `key` that lie in the page, and the leaf at their end; `depth` is that of the page. */
export function stepsIn(
  hashing: TrieHashing,
  page: TriePage,
  key: Digest,
  depth: number,
): { readonly steps: readonly TrieProofStep[]; readonly end: TrieLeaf | undefined } {
  const steps: TrieProofStep[] = [];
  let [from, to] = [0, page.count];
  for (let at = depth; to - from > 1; at++) {
    const own = nibbleIn(key, 0, at);
    const siblings: Digest[] = [];
    let present = 0;
    let below = { from: 0, to: 0 };
    for (let index = from; index < to; ) {
      const nibble = nibbleIn(page.bytes, page.keyAt(index), at);
      const end = groupEndIn(page, { from: index, to, depth: at });
      if (nibble === own) below = { from: index, to: end };
      else {
        const digest = new Uint8Array(DIGEST_LENGTH);
        writeDigest(
          hashing,
          page,
          { from: index, to: end, depth: at + 1 },
          { into: digest, at: 0 },
        );
        present |= 1 << nibble;
        siblings.push(digest);
      }
      index = end;
    }
    steps.push({ present, siblings });
    ({ from, to } = below);
  }
  return { steps, end: to === from ? undefined : page.leaf(from) };
}
