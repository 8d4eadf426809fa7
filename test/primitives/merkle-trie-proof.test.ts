import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import { type Bytes, concatBytes, equalBytes, utf8 } from "../../src/primitives/bytes.ts";
import type { Encoder } from "../../src/primitives/encoding.ts";
import type { Digest } from "../../src/primitives/hash.ts";
import { MerkleTrie } from "../../src/primitives/merkle-trie.ts";
import { trieHashing } from "../../src/primitives/merkle-trie-hashing.ts";
import {
  type TrieProof,
  type TrieVerdict,
  verifyTrieProof,
} from "../../src/primitives/merkle-trie-proof.ts";

const hashing = trieHashing(sha256, sha256(utf8("a network")));
const textOf = (bytes: Bytes) => new TextDecoder().decode(bytes);
const kind = {
  hashing,
  prefix: new Uint8Array(0),
  writeValue: (encoder: Encoder, text: string) => {
    encoder.fixed(utf8(text), utf8(text).length);
  },
  decodeValue: textOf,
};

// Two pools of keys: hashed ones, like those of wallets, and ones with long common prefixes.
const hashedKey = fc.nat({ max: 60 }).map((i) => sha256(utf8(`key ${i}`)));
const closeKey = fc.nat({ max: 40 }).map((i) => {
  const key = new Uint8Array(32);
  key[i % 3 === 0 ? 1 : 31] = i;
  return key;
});
const keys = fc.oneof(hashedKey, closeKey);
const entryLists = fc.array(fc.tuple(keys, fc.string({ maxLength: 4 })), { maxLength: 60 });

function trieOf(entries: Iterable<readonly [Digest, string]>): MerkleTrie<string> {
  let trie = MerkleTrie.empty<string>(kind);
  for (const [key, value] of entries) trie = trie.set(key, value);
  return trie;
}

function truth(trie: MerkleTrie<string>, key: Digest): TrieVerdict {
  const value = trie.get(key);
  if (value === undefined) return { kind: "absent" };
  return { kind: "present", valueHash: sha256(utf8(value)) };
}

const verify = (root: Digest, key: Digest, proof: TrieProof) =>
  verifyTrieProof(hashing, { root, key, proof });

/** The property: for any proof, the verdict is the truth or "invalid". */
function expectNoLie(trie: MerkleTrie<string>, key: Digest, proof: TrieProof): TrieVerdict {
  const verdict = verify(trie.root(), key, proof);
  if (verdict.kind !== "invalid") expect(verdict).toEqual(truth(trie, key));
  return verdict;
}

describe("honest proofs", () => {
  it("prove presence with the value's hash, and absence", () => {
    fc.assert(
      fc.property(entryLists, keys, (entries, other) => {
        const trie = trieOf(entries);
        for (const key of [...entries.map(([key]) => key), other]) {
          expect(verify(trie.root(), key, trie.prove(key))).toEqual(truth(trie, key));
        }
      }),
    );
  });

  it("cover all three kinds of absence", () => {
    const key = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? first : 0));
    const absent = { kind: "absent" };
    const empty = trieOf([]);
    expect(verify(empty.root(), key(1), empty.prove(key(1)))).toEqual(absent);
    const trie = trieOf([
      [key(0x11), "a"],
      [key(0x12), "b"],
      [key(0x20), "c"],
    ]);
    const gap = trie.prove(key(0x13));
    expect(gap.end).toBeUndefined();
    expect(verify(trie.root(), key(0x13), gap)).toEqual(absent);
    const neighbour = trie.prove(key(0x21));
    expect(neighbour.end?.key).toEqual(key(0x20));
    expect(verify(trie.root(), key(0x21), neighbour)).toEqual(absent);
  });
});

describe("adversarial proofs never prove a lie", () => {
  const tries = entryLists.filter((entries) => entries.length > 0).map(trieOf);

  it("a proof made for another key", () => {
    fc.assert(
      fc.property(tries, keys, keys, (trie, key, other) => {
        expectNoLie(trie, key, trie.prove(other));
      }),
    );
  });

  it("a proof of another trie", () => {
    fc.assert(
      fc.property(tries, tries, keys, (trie, other, key) => {
        const verdict = expectNoLie(trie, key, other.prove(key));
        const sameRoot = equalBytes(trie.root(), other.root());
        if (!sameRoot) expect(verdict.kind).toBe("invalid");
      }),
    );
  });

  it("the end of the way taken away, put there, or exchanged", () => {
    fc.assert(
      fc.property(tries, keys, keys, (trie, key, other) => {
        const proof = trie.prove(key);
        const forgeries: TrieProof[] = [
          { ...proof, end: undefined },
          { ...proof, end: { key, valueHash: sha256(utf8("mine")) } },
          { ...proof, end: { key: other, valueHash: sha256(utf8("mine")) } },
          { ...proof, end: trie.prove(other).end },
          { ...proof, end: { key, valueHash: trie.prove(other).end?.valueHash ?? other } },
        ];
        for (const forged of forgeries) expectNoLie(trie, key, forged);
      }),
    );
  });

  it("steps dropped, repeated, swapped, cut or taken from other proofs", () => {
    fc.assert(
      fc.property(tries, keys, keys, fc.tuple(fc.nat(), fc.nat()), (trie, key, other, places) => {
        const [one, two] = places;
        const proof = trie.prove(key);
        const strange = trie.prove(other).steps;
        const at = one % (proof.steps.length + 1);
        const from = two % (strange.length + 1);
        const swapped = proof.steps.toReversed();
        const stepLists = [
          proof.steps.toSpliced(at, 1),
          proof.steps.slice(0, at),
          proof.steps.slice(at),
          swapped,
          [...proof.steps.slice(0, at), ...strange.slice(from)],
          [...proof.steps, ...strange],
          [...proof.steps, ...proof.steps],
        ];
        for (const steps of stepLists) {
          expectNoLie(trie, key, { steps, end: proof.end });
          expectNoLie(trie, key, { steps, end: undefined });
          expectNoLie(trie, key, { steps, end: trie.prove(other).end });
        }
      }),
    );
  });

  it("every single flipped bit makes a proof invalid", () => {
    fc.assert(
      fc.property(tries, keys, fc.nat(), (trie, key, seed) => {
        const proof = trie.prove(key);
        for (const mutant of flippedProofs(proof, seed)) {
          expect(verify(trie.root(), key, mutant)).toEqual({ kind: "invalid" });
        }
      }),
      { numRuns: 40 },
    );
  });

  it("a sibling moved, added or removed, with its bit or without", () => {
    fc.assert(
      fc.property(tries, keys, fc.nat(), fc.nat({ max: 15 }), (trie, key, seed, nibble) => {
        const proof = trie.prove(key);
        const at = seed % Math.max(proof.steps.length, 1);
        const step = proof.steps[at];
        if (step === undefined) return;
        const strange = sha256(utf8("strange"));
        const mutants = [
          { present: step.present, siblings: step.siblings.toReversed() },
          { present: step.present | (1 << nibble), siblings: [...step.siblings, strange] },
          { present: step.present & ~(1 << nibble), siblings: step.siblings.slice(1) },
          { present: step.present, siblings: [...step.siblings, strange] },
          { present: step.present | (1 << 16), siblings: [...step.siblings, strange] },
          { present: step.present + 0.5, siblings: step.siblings },
          { present: -1, siblings: step.siblings },
          { present: 0, siblings: [] },
        ];
        for (const mutant of mutants) {
          expectNoLie(trie, key, { ...proof, steps: proof.steps.with(at, mutant) });
        }
      }),
    );
  });

  it("a branch passed off as a leaf of the key", () => {
    fc.assert(
      fc.property(tries, keys, (trie, key) => {
        const proof = trie.prove(key);
        for (const step of proof.steps) {
          for (const digest of step.siblings) {
            const end = { key, valueHash: digest };
            expectNoLie(trie, key, { steps: proof.steps.slice(0, 1), end });
          }
        }
      }),
    );
  });
});

describe("malformed proofs are invalid, not errors", () => {
  const trie = trieOf(Array.from({ length: 40 }, (_, i) => [sha256(utf8(`key ${i}`)), "v"]));
  const key = sha256(utf8("key 3"));
  const proof = trie.prove(key);
  const step = proof.steps[0];
  if (step === undefined) throw new Error("forty keys make a branch");
  const short = key.slice(1);

  it.each<[string, Digest, TrieProof]>([
    ["a key of 31 bytes", short, proof],
    ["an end key of 31 bytes", key, { ...proof, end: { key: short, valueHash: key } }],
    ["a value hash of 31 bytes", key, { ...proof, end: { key, valueHash: short } }],
    ["a sibling of 31 bytes", key, { ...proof, steps: [{ present: 1, siblings: [short] }] }],
    ["more steps than nibbles", key, { ...proof, steps: Array.from({ length: 65 }, () => step) }],
    ["a gap below an empty branch", key, { steps: [{ present: 0, siblings: [] }], end: undefined }],
  ])("%s", (_, ofKey, malformed) => {
    expect(verify(trie.root(), ofKey, malformed)).toEqual({ kind: "invalid" });
  });
});

it("a leaf that stands where its key does not belong proves nothing", () => {
  const [key, stray] = [new Uint8Array(32), new Uint8Array(32).fill(0x99)];
  const sibling = hashing.leaf(new Uint8Array(32).fill(0x11), key);
  const end = { key: stray, valueHash: key };
  const root = hashing.branch(0b11, concatBytes(hashing.leaf(stray, key), sibling));
  const proof = { steps: [{ present: 0b10, siblings: [sibling] }], end };
  expect(verify(root, key, proof)).toEqual({ kind: "invalid" });
});

function flip(bytes: Bytes, seed: number): Bytes {
  const copy = bytes.slice();
  const at = seed % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (seed % 8));
  return copy;
}

/** One mutant for each field of the proof, the flipped bit chosen by `seed`. */
function* flippedProofs(proof: TrieProof, seed: number): Generator<TrieProof> {
  for (const [at, step] of proof.steps.entries()) {
    const bits = { ...step, present: step.present ^ (1 << (seed % 16)) };
    yield { ...proof, steps: proof.steps.with(at, bits) };
    for (const [place, digest] of step.siblings.entries()) {
      const siblings = step.siblings.with(place, flip(digest, seed));
      yield { ...proof, steps: proof.steps.with(at, { ...step, siblings }) };
    }
  }
  if (proof.end === undefined) return;
  yield { ...proof, end: { ...proof.end, key: flip(proof.end.key, seed) } };
  yield { ...proof, end: { ...proof.end, valueHash: flip(proof.end.valueHash, seed) } };
}
