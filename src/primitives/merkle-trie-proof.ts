/** Proofs that a key of the trie has a value or has none, and their verification against a root. */
import { type Bytes, concatBytes, equalBytes } from "./bytes.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import {
  countBits,
  nibbleAt,
  TRIE_ARITY,
  TRIE_DEPTH_MAX,
  type TrieHashing,
} from "./merkle-trie-hashing.ts";

/** A branch on the path, without the child on the path. */
export interface TrieProofStep {
  /** Bit i is set if there is another child at nibble i. */
  readonly present: number;
  /** Digests of those children, by ascending nibble. */
  readonly siblings: readonly Digest[];
}

export interface TrieProof {
  /** Branches from the root down; step d is chosen by nibble d of the key. */
  readonly steps: readonly TrieProofStep[];
  /** The leaf at the end of the path, of this key or of another one; absent if the path ends in a gap. */
  readonly end: { readonly key: Digest; readonly valueHash: Digest } | undefined;
}

export type TrieVerdict =
  | { readonly kind: "present"; readonly valueHash: Digest }
  | { readonly kind: "absent" }
  | { readonly kind: "invalid" };

const INVALID: TrieVerdict = { kind: "invalid" };

/**
 * The verdict of `proof` on `key` under `root`. It is sound because a path is bound to the key: in every branch, the
 * digest at the end of the path is put at the key's own nibble. A gap there, or a leaf of another key with the same
 * prefix, shows that `key` is nowhere.
 */
export function verifyTrieProof(
  hashing: TrieHashing,
  claim: { readonly root: Digest; readonly key: Digest; readonly proof: TrieProof },
): TrieVerdict {
  const { root, key, proof } = claim;
  const found = trieRootOf(hashing, key, proof);
  if (found === undefined || !equalBytes(found, root)) return INVALID;
  const { end } = proof;
  if (end === undefined || !equalBytes(end.key, key)) return { kind: "absent" };
  return { kind: "present", valueHash: end.valueHash };
}

/** The only root under which `proof` can hold for `key`; undefined if there is none. */
export function trieRootOf(
  hashing: TrieHashing,
  key: Digest,
  proof: TrieProof,
): Digest | undefined {
  const { steps, end } = proof;
  if (!isDigest(key) || steps.length > TRIE_DEPTH_MAX) return undefined;
  if (end !== undefined && !(isDigest(end.key) && isDigest(end.valueHash))) return undefined;
  if (end !== undefined && !sharesPrefix(end.key, key, steps.length)) return undefined;
  let digest = end === undefined ? undefined : hashing.leaf(end.key, end.valueHash);
  for (const [depth, step] of [...steps.entries()].reverse()) {
    digest = digestOfStep(hashing, step, { nibble: nibbleAt(key, depth), child: digest });
    if (digest === undefined) return undefined;
  }
  return digest ?? hashing.empty;
}

/** The branch's digest with `child` put back at `nibble`; undefined if no branch has this form. */
function digestOfStep(
  hashing: TrieHashing,
  step: TrieProofStep,
  way: { readonly nibble: number; readonly child: Digest | undefined },
): Digest | undefined {
  const { present, siblings } = step;
  const bit = 1 << way.nibble;
  if (!Number.isInteger(present) || present < 0 || present >= 1 << TRIE_ARITY) return undefined;
  if ((present & bit) !== 0 || countBits(present) !== siblings.length) return undefined;
  if (!siblings.every(isDigest)) return undefined;
  if (way.child === undefined) {
    return siblings.length === 0 ? undefined : hashing.branch(present, concatBytes(...siblings));
  }
  const children = siblings.toSpliced(countBits(present & (bit - 1)), 0, way.child);
  return hashing.branch(present | bit, concatBytes(...children));
}

function isDigest(bytes: Bytes): boolean {
  return bytes.length === DIGEST_LENGTH;
}

function sharesPrefix(left: Digest, right: Digest, nibbles: number): boolean {
  for (let depth = 0; depth < nibbles; depth++) {
    if (nibbleAt(left, depth) !== nibbleAt(right, depth)) return false;
  }
  return true;
}
