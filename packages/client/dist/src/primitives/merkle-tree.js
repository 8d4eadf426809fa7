/** Merkle trees over lists, exactly as RFC 9162 section 2.1: roots, inclusion paths and their verification. */
import { assert } from "./assert.js";
import { concatBytes, equalBytes } from "./bytes.js";
import { DIGEST_LENGTH } from "./hash.js";
/** RFC 9162 section 2.1.1: the two prefixes keep a leaf from passing for a node. */
const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);
/** HASH(0x00 || leaf). */
export function leafHash(hash, leaf) {
    return hash(concatBytes(LEAF_PREFIX, leaf));
}
/** MTH of the list whose leaf hashes are given; the hash of nothing for the empty list (section 2.1.1). */
export function merkleRoot(hash, leafHashes) {
    if (leafHashes.length === 0)
        return hash(new Uint8Array());
    let level = leafHashes;
    while (level.length > 1)
        level = levelAbove(hash, level);
    const [root] = level;
    assert(root !== undefined, "a level is never empty");
    return root;
}
/** All levels of the tree, from the leaf hashes up to the root. Many paths can be read from them. */
export function merkleLevels(hash, leafHashes) {
    const levels = [[...leafHashes]];
    for (let level = leafHashes; level.length > 1;) {
        const above = levelAbove(hash, level);
        levels.push(above);
        level = above;
    }
    return levels;
}
/** PATH(index, list), leaf to root, read from the levels of the tree (section 2.1.3.1). */
export function pathThrough(levels, index) {
    const count = levels[0]?.length ?? 0;
    assert(Number.isInteger(index) && index >= 0 && index < count, "index of no leaf");
    const path = [];
    for (const [height, level] of levels.entries()) {
        const sibling = level[(index >>> height) ^ 1];
        if (sibling !== undefined && level.length > 1)
            path.push(sibling);
    }
    return path;
}
/** Section 2.1.3.2, step by step. The path must have exactly the length that index and count call for. */
export function verifyInclusion(hash, claim) {
    const { index, count, path, root } = claim;
    if (!isCount(index) || !isCount(count) || index >= count)
        return false;
    let firstNumber = index;
    let secondNumber = count - 1;
    let result = claim.leafHash;
    for (const sibling of path) {
        if (secondNumber === 0 || sibling.length !== DIGEST_LENGTH)
            return false;
        if (isOdd(firstNumber) || firstNumber === secondNumber) {
            result = nodeHash(hash, sibling, result);
            while (!isOdd(firstNumber) && firstNumber !== 0) {
                firstNumber = half(firstNumber);
                secondNumber = half(secondNumber);
            }
        }
        else {
            result = nodeHash(hash, result, sibling);
        }
        firstNumber = half(firstNumber);
        secondNumber = half(secondNumber);
    }
    return secondNumber === 0 && equalBytes(result, root);
}
/**
 * Hashes pairs of neighbours; an odd last one moves up unchanged. This gives the RFC's tree: its split at the largest
 * power of two below n makes the left part perfect, so every level pairs from the left.
 */
function levelAbove(hash, level) {
    const above = [];
    for (let i = 0; i < level.length; i += 2) {
        const left = level[i];
        const right = level[i + 1];
        assert(left !== undefined, "within the level");
        above.push(right === undefined ? left : nodeHash(hash, left, right));
    }
    return above;
}
/** HASH(0x01 || left || right). */
function nodeHash(hash, left, right) {
    return hash(concatBytes(NODE_PREFIX, left, right));
}
function isCount(value) {
    return Number.isSafeInteger(value) && value >= 0;
}
function isOdd(value) {
    return value % 2 === 1;
}
function half(value) {
    return Math.floor(value / 2);
}
