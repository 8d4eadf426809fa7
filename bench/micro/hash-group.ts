/** SHA-256 of the sizes that a node hashes, and trees of many leaves. */
import { entropy, sha256 } from "../../src/node/base/crypto.ts";
import {
  leafHash,
  merkleLevels,
  merkleRoot,
  pathThrough,
} from "../../src/primitives/merkle-tree.ts";
import type { MicroBench } from "./open-group.ts";

const SIZES = [64, 256, 1_024, 65_536] as const;
const LEAVES = 1_000;

export async function open(): Promise<MicroBench> {
  const leaves = Array.from({ length: LEAVES }, () => entropy(250));
  const hashes = leaves.map((leaf) => leafHash(sha256, leaf));
  const levels = merkleLevels(sha256, hashes);
  return {
    benchmarks: [
      ...SIZES.map((size) => {
        const data = entropy(size);
        return { name: `SHA-256 of ${size} bytes`, run: () => sha256(data) };
      }),
      {
        name: "hash a leaf of 250 bytes",
        count: LEAVES,
        run: () => leaves.map((leaf) => leafHash(sha256, leaf)),
      },
      {
        name: `root of ${LEAVES} leaf hashes, each leaf`,
        count: LEAVES,
        run: () => merkleRoot(sha256, hashes),
      },
      {
        name: `all paths of ${LEAVES} leaves, each`,
        count: LEAVES,
        run: () => hashes.map((_, index) => pathThrough(levels, index)),
      },
    ],
  };
}
