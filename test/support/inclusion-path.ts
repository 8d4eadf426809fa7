// One inclusion path of a tree, computed directly. Nodes need many paths of one tree, so they keep its levels.
import type { Digest, Hash } from "../../src/primitives/hash.ts";
import { merkleLevels, pathThrough } from "../../src/primitives/merkle-tree.ts";

/** PATH(index, list) of RFC 9162 section 2.1.3.1, leaf to root. */
export function inclusionPath(
  hash: Hash,
  leafHashes: readonly Digest[],
  index: number,
): readonly Digest[] {
  return pathThrough(merkleLevels(hash, leafHashes), index);
}
