import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import { type Bytes, compareBytes, concatBytes, toHex, utf8 } from "../../src/primitives/bytes.ts";
import type { Encoder } from "../../src/primitives/encoding.ts";
import type { Digest } from "../../src/primitives/hash.ts";
import { MerkleTrie } from "../../src/primitives/merkle-trie.ts";
import { nibbleAt, trieHashing } from "../../src/primitives/merkle-trie-hashing.ts";
import { verifyTrieProof } from "../../src/primitives/merkle-trie-proof.ts";
import { TrieLeaves } from "../../src/primitives/trie-leaves.ts";

const NETWORK = sha256(utf8("a network"));
const hashing = trieHashing(sha256, NETWORK);
const textOf = (bytes: Bytes) => new TextDecoder().decode(bytes);
const PREFIX = "every value: ";
const encodedValue = (text: string) => utf8(PREFIX + text);
const kind = {
  hashing,
  prefix: utf8(PREFIX),
  writeValue: (encoder: Encoder, text: string) => write(encoder, encodedValue(text)),
  decodeValue: (bytes: Bytes) => textOf(bytes).slice(PREFIX.length),
};

function write(encoder: Encoder, bytes: Bytes): void {
  encoder.fixed(bytes, bytes.length);
}

function trieOf(entries: Iterable<readonly [Digest, string]>): MerkleTrie<string> {
  let trie = MerkleTrie.empty<string>(kind);
  for (const [key, value] of entries) trie = trie.set(key, value);
  return trie;
}

// Keys that differ in few nibbles, at the start and at the end: forks at every depth, and chains of single children.
const keys = fc
  .record({
    first: fc.constantFrom(0x00, 0x01, 0x10, 0xff),
    second: fc.constantFrom(0x00, 0x0f, 0xf0),
    last: fc.constantFrom(0x00, 0x01, 0x10),
  })
  .map(({ first, second, last }) => {
    const key = new Uint8Array(32);
    key.set([first, second]);
    key[31] = last;
    return key;
  });
const entryLists = fc.array(fc.tuple(keys, fc.string({ maxLength: 4 })), { maxLength: 40 });

// Values of one length mostly, as wallets have, and more keys than a page holds, some of them below one long prefix.
const manyKeys = fc
  .record({ number: fc.nat({ max: 300 }), isDeep: fc.boolean() })
  .map(({ number, isDeep }) => {
    const key = sha256(Uint8Array.of(number >>> 8, number));
    if (isDeep) key.fill(7, 0, 10);
    return key;
  });
const manyEntries = fc.array(
  fc.tuple(
    manyKeys,
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom("a", "b") },
      { weight: 1, arbitrary: fc.constant("longer") },
    ),
  ),
  { maxLength: 400, size: "max" },
);

/** The root by the definition, without pages. */
function rootOf(entries: readonly (readonly [Digest, string])[], depth = 0): Digest {
  const [first] = entries;
  if (first === undefined) return hashing.empty;
  if (entries.length === 1) return hashing.leaf(first[0], sha256(encodedValue(first[1])));
  const children = Array.from({ length: 16 }, (_, nibble) =>
    entries.filter(([key]) => nibbleAt(key, depth) === nibble),
  );
  const present = children.reduce((bits, { length }, i) => bits | (length > 0 ? 1 << i : 0), 0);
  const digests = children.filter(({ length }) => length > 0);
  return hashing.branch(present, concatBytes(...digests.map((below) => rootOf(below, depth + 1))));
}

function modelOf(entries: readonly (readonly [Digest, string])[]): Map<string, string> {
  return new Map(entries.map(([key, value]) => [toHex(key), value]));
}

describe("properties", () => {
  it("does what a Map does, in key order", () => {
    fc.assert(
      fc.property(entryLists, keys, (entries, other) => {
        const trie = trieOf(entries);
        const model = modelOf(entries);
        expect(trie.size).toBe(model.size);
        for (const [key] of entries) expect(trie.get(key)).toBe(model.get(toHex(key)));
        expect(trie.get(other)).toBe(model.get(toHex(other)));
        const expected = [...model].sort(([left], [right]) => (left < right ? -1 : 1));
        expect([...trie.entries()].map(([key, value]) => [toHex(key), value])).toEqual(expected);
      }),
    );
  });

  it("many changes at once make the trie that they make one by one, and leave the earlier trie as it was", () => {
    fc.assert(
      fc.property(entryLists, entryLists, keys, (before, changes, other) => {
        const trie = trieOf(before);
        const root = trie.root();
        const atOnce = trie.setAll(changes);
        const oneByOne = trieOf([...before, ...changes]);
        expect(atOnce.root()).toEqual(oneByOne.root());
        expect(atOnce.size).toBe(oneByOne.size);
        expect([...atOnce.entries()]).toEqual([...oneByOne.entries()]);
        for (const [key] of [...changes, [other]] as const) {
          expect(atOnce.get(key)).toBe(oneByOne.get(key));
          expect(atOnce.prove(key)).toEqual(oneByOne.prove(key));
        }
        expect(trie.root()).toEqual(root);
        expect([...trie.entries()]).toEqual([...trieOf(before).entries()]);
      }),
    );
  });

  it("pages hold the same as leaves one by one, made at once or changed", () => {
    fc.assert(
      fc.property(manyEntries, manyEntries, keys, (before, changes, other) => {
        const all = [...before, ...changes];
        const final = [...new Map(all.map((entry) => [toHex(entry[0]), entry])).values()];
        const leaves = new TrieLeaves(kind);
        for (const [key, value] of final) expect(leaves.add(key, encodedValue(value))).toBe(true);
        const built = MerkleTrie.of<string>(kind, leaves);
        const changed = MerkleTrie.empty<string>(kind).setAll(before).setAll(changes);
        const root = toHex(rootOf(final));
        expect(toHex(built.root())).toBe(root);
        expect(toHex(changed.root())).toBe(root);
        expect([built.size, changed.size]).toEqual([final.length, final.length]);
        expect([...changed.entries()]).toEqual([...built.entries()]);
        for (const [key] of [...all.slice(0, 20), [other]] as const) {
          expect(changed.get(key)).toBe(built.get(key));
          expect(changed.get(key)).toBe(modelOf(all).get(toHex(key)));
          const proof = changed.prove(key);
          expect(proof).toEqual(built.prove(key));
          const kindOfProof = changed.get(key) === undefined ? "absent" : "present";
          const claim = { root: changed.root(), key, proof };
          expect(verifyTrieProof(hashing, claim).kind).toBe(kindOfProof);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("a trie stays as it was, however many others share its branches and are changed", () => {
    // More keys than a page holds, so that tries share branches of flat memory; a change replaces a few of them.
    const numbers = fc.array(fc.nat({ max: 299 }), { minLength: 1, maxLength: 6 });
    const steps = fc.array(fc.tuple(fc.nat(), numbers), { minLength: 1, maxLength: 12 });
    const keyOf = (number: number) => sha256(Uint8Array.of(number >>> 8, number));
    const all = Array.from({ length: 300 }, (_, number) => [keyOf(number), "a"] as const);
    fc.assert(
      fc.property(steps, (branches) => {
        const first = { trie: MerkleTrie.empty<string>(kind).setAll(all), model: modelOf(all) };
        const states = [{ ...first, root: first.trie.root() }];
        for (const [place, [parent, changed]] of branches.entries()) {
          const { trie, model } = states[parent % states.length] ?? expect.fail("a state");
          const changes = changed.map((number) => [keyOf(number), `${place}`] as const);
          const next = trie.setAll(changes);
          const after = new Map([...model, ...modelOf(changes)]);
          states.push({ trie: next, model: after, root: next.root() });
        }
        for (const { trie, model, root } of states) {
          expect(trie.root()).toEqual(root);
          for (const [, changed] of branches) {
            for (const key of changed.map(keyOf)) {
              expect(trie.get(key)).toBe(model.get(toHex(key)));
              const claim = { root, key, proof: trie.prove(key) };
              expect(verifyTrieProof(hashing, claim).kind).toBe("present");
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("a value that does not begin as all do enters no trie", () => {
    const leaves = new TrieLeaves(kind);
    expect(leaves.add(sha256(utf8("key")), utf8("any value"))).toBe(false);
    expect(MerkleTrie.of<string>(kind, leaves).size).toBe(0);
  });

  it("the root follows from the entries, not from their order or from what was there before", () => {
    fc.assert(
      fc.property(entryLists, fc.infiniteStream(fc.nat()), (entries, seeds) => {
        const final = [...new Map(entries.map((entry) => [toHex(entry[0]), entry])).values()];
        const shuffled = final
          .map((entry) => ({ entry, rank: seeds.next().value }))
          .sort((left, right) => left.rank - right.rank)
          .map(({ entry }) => entry);
        expect(trieOf(shuffled).root()).toEqual(trieOf(entries).root());
      }),
    );
  });

  it("the root tells different entries apart", () => {
    fc.assert(
      fc.property(entryLists, entryLists, (left, right) => {
        const same =
          JSON.stringify([...modelOf(left)].sort()) === JSON.stringify([...modelOf(right)].sort());
        expect(toHex(trieOf(left).root()) === toHex(trieOf(right).root())).toBe(same);
      }),
    );
  });

  it("leaves the tries it was made from as they were, hashed before or after", () => {
    fc.assert(
      fc.property(entryLists, entryLists, fc.boolean(), (before, after, hashedFirst) => {
        const old = trieOf(before);
        if (hashedFirst) old.root();
        let next = old;
        for (const [key, value] of after) next = next.set(key, value);
        next.root();
        expect(old.root()).toEqual(trieOf(before).root());
        expect(old.size).toBe(modelOf(before).size);
        expect(next.root()).toEqual(trieOf([...before, ...after]).root());
      }),
    );
  });
});

describe("canonical shape", () => {
  const key = (...start: number[]) => Uint8Array.from({ length: 32 }, (_, i) => start[i] ?? 0);
  const leaf = (at: Digest, value: string) => hashing.leaf(at, sha256(encodedValue(value)));

  it("an empty trie has the root of nothing, a single leaf is the root", () => {
    expect(MerkleTrie.empty<string>(kind).root()).toEqual(hashing.empty);
    expect(trieOf([[key(7), "a"]]).root()).toEqual(leaf(key(7), "a"));
  });

  it("leaves sit at the shallowest depth at which their prefix is their own", () => {
    const [a, b, c] = [key(0x12), key(0x13), key(0x40)];
    const below = hashing.branch((1 << 2) | (1 << 3), concatBytes(leaf(a, "a"), leaf(b, "b")));
    const root = hashing.branch((1 << 1) | (1 << 4), concatBytes(below, leaf(c, "c")));
    const entries: [Digest, string][] = [
      [b, "b"],
      [c, "c"],
      [a, "a"],
    ];
    expect(trieOf(entries).root()).toEqual(root);
  });

  it("leaves are the same with a hash that writes into no memory of the caller", () => {
    const plain = trieHashing((data) => sha256(data), NETWORK);
    const leaf = { key: sha256(utf8("key")), encoded: utf8("value") };
    const [expected, written] = [new Uint8Array(32), new Uint8Array(32)];
    hashing.writeLeaf(expected, 0, leaf);
    plain.writeLeaf(written, 0, leaf);
    expect(written).toEqual(expected);
    expect(written).toEqual(hashing.leaf(leaf.key, sha256(leaf.encoded)));
  });

  it("a leaf, a branch and nothing never hash alike, and networks never do", () => {
    const other = trieHashing(sha256, sha256(utf8("another network")));
    const [a, b] = [key(1), key(2)];
    const digests = [hashing, other].flatMap((kindOfHash) => [
      kindOfHash.empty,
      kindOfHash.leaf(a, b),
      kindOfHash.branch(3, concatBytes(a, b)),
      kindOfHash.branch(5, concatBytes(a, b)),
    ]);
    expect(new Set(digests.map(toHex)).size).toBe(8);
  });

  // Computed separately, by a recursive definition in another language.
  it("has the root of its golden vector", () => {
    const entries = Array.from({ length: 100 }, (_, i): [Digest, string] => {
      return [sha256(utf8(`key ${i}`)), `value ${i}`];
    });
    const writeValue = (encoder: Encoder, text: string) => write(encoder, utf8(text));
    const plain = { ...kind, prefix: utf8(""), writeValue, decodeValue: textOf };
    expect(toHex(MerkleTrie.empty<string>(plain).setAll(entries).root())).toBe(
      "3a246226c381c9e2d4ac124d7f20929c2b2f3c7e5eb15ba6556ece9ec1b565c7",
    );
  });
});

it("gives the entries behind a key, whether it is there or not", () => {
  const keys = Array.from({ length: 300 }, (_, i) => sha256(utf8(`key ${i % 200} ${i}`)));
  const entries = keys.map((one): [Digest, string] => [one, "value"]);
  const trie = trieOf(entries.slice(0, 200));
  const order = [...trie.entries()].map(([one]) => one);
  const ends = [new Uint8Array(32), new Uint8Array(32).fill(255)];
  for (const after of [...keys, ...ends]) {
    const behind = [...trie.entries(after)].map(([one]) => one);
    expect(behind).toEqual(order.filter((one) => compareBytes(one, after) > 0));
  }
  expect([...trieOf([]).entries(ends[0])]).toEqual([]);
});

it("hashes two nodes for a new entry beside its way, however many there are", () => {
  const many = Array.from({ length: 20_000 }, (_, i): [Bytes, string] => {
    return [sha256(concatBytes(Uint8Array.of(i >>> 16, i >>> 8, i), NETWORK)), "value"];
  });
  let hashes = 0;
  const counted = trieHashing((data, into) => {
    hashes += 1;
    return sha256(data, into);
  }, NETWORK);
  const countedKind = { ...kind, hashing: counted };
  const leaves = new TrieLeaves(countedKind);
  for (const [key, value] of many) leaves.add(key, encodedValue(value));
  const built = MerkleTrie.of<string>(countedKind, leaves);
  // A leaf takes two; the branches above are fewer than half as many.
  expect(hashes).toBeLessThan(2.5 * many.length);
  hashes = 0;
  let trie = MerkleTrie.empty<string>(countedKind);
  for (let at = 0; at < many.length; at += 500) trie = trie.setAll(many.slice(at, at + 500));
  expect(hashes).toBeLessThan(6 * many.length);
  expect(trie.root()).toEqual(built.root());
  hashes = 0;
  for (const [key] of many.slice(0, 100)) trie = trie.set(key, "other");
  // Two for the leaf, at most one for each of its branches: five nibbles tell 20,000 apart, but for a few.
  expect(hashes).toBeLessThan(100 * 7.5);
  const order = [...trie.entries()].map(([key]) => key);
  expect(order.every((key, i) => i === 0 || compareBytes(order[i - 1] ?? key, key) < 0)).toBe(true);
});
