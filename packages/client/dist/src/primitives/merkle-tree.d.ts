import { type Bytes } from "./bytes.ts";
import { type Digest, type Hash } from "./hash.ts";
/** HASH(0x00 || leaf). */
export declare function leafHash(hash: Hash, leaf: Bytes): Digest;
/** MTH of the list whose leaf hashes are given; the hash of nothing for the empty list (section 2.1.1). */
export declare function merkleRoot(hash: Hash, leafHashes: readonly Digest[]): Digest;
/** All levels of the tree, from the leaf hashes up to the root. Many paths can be read from them. */
export declare function merkleLevels(hash: Hash, leafHashes: readonly Digest[]): readonly Digest[][];
/** PATH(index, list), leaf to root, read from the levels of the tree (section 2.1.3.1). */
export declare function pathThrough(levels: readonly Digest[][], index: number): readonly Digest[];
/** A claim that a leaf is at `index` of a list of `count` leaves under `root`. */
export interface InclusionClaim {
    readonly leafHash: Digest;
    /** From 0. */
    readonly index: number;
    readonly count: number;
    /** Leaf to root. */
    readonly path: readonly Digest[];
    readonly root: Digest;
}
/** Section 2.1.3.2, step by step. The path must have exactly the length that index and count call for. */
export declare function verifyInclusion(hash: Hash, claim: InclusionClaim): boolean;
