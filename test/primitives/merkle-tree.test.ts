import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import { type Bytes, concatBytes, fromHex, toHex } from "../../src/primitives/bytes.ts";
import type { Encoder } from "../../src/primitives/encoding.ts";
import {
  leafHash,
  merkleRoot,
  verifyInclusion,
  writtenLeafHash,
} from "../../src/primitives/merkle-tree.ts";
import { inclusionPath } from "../support/inclusion-path.ts";

// The known answers of the Certificate Transparency project's merkle_tree_test.cc.
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(hex);

const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const PATHS = [
  { index: 0, count: 1, path: [] },
  {
    index: 0,
    count: 8,
    path: [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  },
  {
    index: 5,
    count: 8,
    path: [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
  {
    index: 2,
    count: 3,
    path: ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  },
  {
    index: 1,
    count: 5,
    path: [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  },
];

function hex(text: string): Bytes {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

const hashes = (leaves: readonly Bytes[]) => leaves.map((leaf) => leafHash(sha256, leaf));

/** RFC 9162 section 2.1.1, word by word: the recursive definition serves as the reference. */
function treeHash(leaves: readonly Bytes[]): Bytes {
  if (leaves.length === 0) return sha256(new Uint8Array());
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1) return sha256(concatBytes(Uint8Array.of(0), only));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = treeHash(leaves.slice(0, split));
  const right = treeHash(leaves.slice(split));
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

describe("RFC 9162 known answers", () => {
  it.each(ROOTS.map((root, count) => ({ root, count })))("root of $count leaves", (row) => {
    expect(toHex(merkleRoot(sha256, hashes(LEAVES.slice(0, row.count))))).toBe(row.root);
  });

  it.each(PATHS)("path of leaf $index among $count", ({ index, count, path }) => {
    const leafHashes = hashes(LEAVES.slice(0, count));
    expect(inclusionPath(sha256, leafHashes, index).map(toHex)).toEqual(path);
  });
});

test("a leaf of any length is hashed behind its prefix, after any other", () => {
  for (const length of [40, 1_022, 1_023, 1_024, 65_536, 3, 0]) {
    const leaf = new Uint8Array(length).fill(length);
    const expected = sha256(concatBytes(Uint8Array.of(0), leaf));
    expect(leafHash(sha256, leaf)).toEqual(expected);
    const write = (encoder: Encoder) => void encoder.fixed(leaf, length);
    expect(writtenLeafHash(sha256, write)).toEqual(expected);
  }
});

describe("properties", () => {
  const lists = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70 });
  const indexed = lists.chain((leaves) =>
    fc.record({ leaves: fc.constant(leaves), index: fc.nat({ max: leaves.length - 1 }) }),
  );

  it("the root is the one of the recursive definition", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 70 }), (leaves) => {
        expect(merkleRoot(sha256, hashes(leaves))).toEqual(treeHash(leaves));
      }),
    );
  });

  it("every leaf's path verifies", () => {
    fc.assert(
      fc.property(indexed, ({ leaves, index }) => {
        expect(verifyInclusion(sha256, claimOf(leaves, index))).toBe(true);
      }),
    );
  });

  it("refuses another index or a count that calls for another path", () => {
    fc.assert(
      fc.property(indexed, fc.nat({ max: 80 }), ({ leaves, index }, other) => {
        const claim = claimOf(leaves, index);
        if (other !== index && leaves[other]?.join() !== leaves[index]?.join()) {
          expect(verifyInclusion(sha256, { ...claim, index: other })).toBe(false);
        }
        expect(verifyInclusion(sha256, { ...claim, count: index })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, count: leaves.length * 2 })).toBe(false);
      }),
    );
  });

  it("refuses a path that is cut, lengthened, swapped or flipped", () => {
    fc.assert(
      fc.property(indexed, fc.nat(), ({ leaves, index }, seed) => {
        const claim = claimOf(leaves, index);
        const { path, root } = claim;
        expect(verifyInclusion(sha256, { ...claim, path: [...path, root] })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, path: [root, ...path] })).toBe(false);
        if (path.length === 0) return;
        const at = seed % path.length;
        expect(verifyInclusion(sha256, { ...claim, path: path.toSpliced(at, 1) })).toBe(false);
        const flipped = flip(path[at] ?? root, seed);
        expect(verifyInclusion(sha256, { ...claim, path: path.with(at, flipped) })).toBe(false);
        const shortened = (path[at] ?? root).slice(1);
        expect(verifyInclusion(sha256, { ...claim, path: path.with(at, shortened) })).toBe(false);
      }),
    );
  });

  it("refuses another leaf or another root", () => {
    fc.assert(
      fc.property(indexed, fc.nat(), ({ leaves, index }, seed) => {
        const claim = claimOf(leaves, index);
        const root = flip(claim.root, seed);
        expect(verifyInclusion(sha256, { ...claim, root })).toBe(false);
        const leaf = flip(claim.leafHash, seed);
        expect(verifyInclusion(sha256, { ...claim, leafHash: leaf })).toBe(false);
      }),
    );
  });

  function claimOf(leaves: readonly Bytes[], index: number) {
    const leafHashes = hashes(leaves);
    return {
      leafHash: leafHashes[index] ?? sha256(new Uint8Array()),
      index,
      count: leaves.length,
      path: inclusionPath(sha256, leafHashes, index),
      root: merkleRoot(sha256, leafHashes),
    };
  }
});

it("refuses indices and counts that are no counts", () => {
  const leafHashes = hashes(LEAVES.slice(0, 1));
  const root = merkleRoot(sha256, leafHashes);
  const claim = { leafHash: root, index: 0, count: 1, path: [], root };
  expect(verifyInclusion(sha256, claim)).toBe(true);
  for (const index of [-1, 0.5, Number.NaN, 2 ** 60]) {
    expect(verifyInclusion(sha256, { ...claim, index })).toBe(false);
    expect(verifyInclusion(sha256, { ...claim, count: index })).toBe(false);
  }
});

it("a leaf does not pass for one of a smaller tree by a longer path", () => {
  const [left, right] = hashes(LEAVES.slice(0, 2));
  if (left === undefined || right === undefined) throw new Error("two leaves");
  const root = merkleRoot(sha256, [left, right]);
  const claim = { leafHash: right, index: 1, count: 2, path: [left], root };
  expect(verifyInclusion(sha256, claim)).toBe(true);
  expect(verifyInclusion(sha256, { ...claim, index: 0, count: 1 })).toBe(false);
});

it("a node does not pass for a leaf", () => {
  const [left, right] = hashes(LEAVES.slice(0, 2));
  if (left === undefined || right === undefined) throw new Error("two leaves");
  const root = merkleRoot(sha256, [left, right]);
  const forged = leafHash(sha256, concatBytes(left, right));
  const claim = { leafHash: forged, index: 0, count: 1, path: [], root };
  expect(verifyInclusion(sha256, claim)).toBe(false);
});

function flip(bytes: Bytes, seed: number): Bytes {
  const copy = bytes.slice();
  const at = seed % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (seed % 8));
  return copy;
}
