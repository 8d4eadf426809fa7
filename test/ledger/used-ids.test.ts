import fc from "fast-check";
import { expect, it } from "vitest";
import { UsedIds } from "../../src/ledger/used-ids.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { toHex, utf8 } from "../../src/primitives/bytes.ts";
import { uuidFromDigest } from "../../src/primitives/ids.ts";
import { keyInScope } from "../../src/primitives/operation.ts";

const ground = { hash: sha256, seed: sha256(utf8("a seed")) };
const uuid = (name: string) => uuidFromDigest(sha256(utf8(name)));
/** In the scope of a wallet, as a payment's, or of an author, as a creation's. */
const keyOf = (number: number) =>
  number % 3 === 0
    ? keyInScope(toHex(sha256(utf8("an author"))), uuid(String(number)))
    : keyInScope(uuid("a wallet"), uuid(String(number)));

const KEYS = Array.from({ length: 12 }, (_, number) => keyOf(number));
const T = 1_000_000;

interface Use {
  readonly key: string;
  readonly validUntil: number;
}

function grown(below: UsedIds, uses: readonly Use[]): UsedIds {
  const block = below.nextBlock();
  for (const { key, validUntil } of uses) block.add(key, validUntil);
  return block.finish();
}

/** A block on any of the blocks before it, and perhaps the decision that it is final with all below it. */
const blocks = fc.array(
  fc.record({
    on: fc.nat(),
    waitMs: fc.constantFrom(0, 1, 500, 1_000, 3_000),
    uses: fc.array(fc.record({ key: fc.constantFrom(...KEYS), ahead: fc.nat({ max: 5_000 }) }), {
      maxLength: 5,
    }),
    isFinal: fc.boolean(),
  }),
  { maxLength: 40 },
);

interface Branch {
  readonly used: UsedIds;
  readonly below: Branch | undefined;
  readonly earliest: number;
  /** Deadline of the last use on the branch: what L7 says, without a bound on memory. */
  readonly model: ReadonlyMap<string, number>;
}

it("L7: knows exactly the ids in use on each branch, however much became final below it and was forgotten", () => {
  fc.assert(
    fc.property(blocks, fc.constantFrom(0, 1, 2, 100), (list, max) => {
      const root: Branch = {
        used: UsedIds.of(ground),
        below: undefined,
        earliest: T,
        model: new Map(),
      };
      let final = root;
      let open: Branch[] = [root];
      for (const { on, waitMs, uses, isFinal } of list) {
        const below = open[on % open.length] ?? root;
        const earliest = below.earliest + waitMs;
        const block = below.used.nextBlock();
        const model = new Map(below.model);
        for (const { key, ahead } of uses) {
          expect(block.has(key, earliest)).toBe((model.get(key) ?? 0) >= earliest);
          if (block.has(key, earliest)) continue;
          block.add(key, earliest + ahead);
          model.set(key, earliest + ahead);
        }
        const branch = { used: block.finish(), below, earliest, model };
        open.push(branch);
        if (isFinal) {
          branch.used.settle(earliest, max);
          final = branch;
          open = open.filter((one) => isAbove(one, final));
        }
        for (const { used, model: known, earliest: from } of open) {
          expect(used.isStale).toBe(false);
          for (const key of KEYS) expect(used.has(key, from)).toBe((known.get(key) ?? 0) >= from);
        }
      }
    }),
  );
});

function isAbove(branch: Branch, final: Branch): boolean {
  for (let one: Branch | undefined = branch; one !== undefined; one = one.below) {
    if (one === final) return true;
  }
  return false;
}

it("a branch beside the final blocks says so, and answers nothing", () => {
  const below = UsedIds.of(ground);
  const [left, right] = [KEYS[0], KEYS[1]].map((key = "") =>
    grown(below, [{ key, validUntil: T }]),
  );
  right?.settle(0, 100);
  expect([left?.isStale, right?.isStale, below.isStale]).toEqual([true, false, true]);
  expect(() => left?.has(KEYS[2] ?? "", T)).toThrow(/can still become final/);
  expect(() => left?.settle(0, 100)).toThrow(/stands on the final block/);
});

it("holds no id much longer than its window", () => {
  let used = UsedIds.of(ground);
  for (let time = 0; time < 100_000; time += 100) {
    used = grown(used, [{ key: keyOf(time), validUntil: time + 5_000 }]);
    used.settle(time, 1_000);
    // 51 ids are within their window; those of one more second may stay until that second is over.
    expect(used.size).toBeLessThanOrEqual(62);
  }
  used.settle(1_000_000, 1_000);
  expect(used.size).toBe(0);
});

it("leaves what it was made from as it was", () => {
  const before = grown(UsedIds.of(ground), [{ key: KEYS[0] ?? "", validUntil: T }]);
  grown(before, [{ key: KEYS[1] ?? "", validUntil: T }]);
  expect([before.size, before.has(KEYS[0] ?? "", T), before.has(KEYS[1] ?? "", T)]).toEqual([
    1,
    true,
    false,
  ]);
});

it("an id used again after its window is not forgotten with the first use", () => {
  for (const key of KEYS.slice(0, 2)) {
    const once = grown(UsedIds.of(ground), [{ key, validUntil: T }]);
    once.settle(0, 100);
    const twice = grown(once, [{ key, validUntil: T + 9_000 }]);
    twice.settle(T + 5_000, 100);
    twice.settle(T + 5_000, 100);
    expect(twice.has(key, T + 5_000)).toBe(true);
    expect(twice.size).toBe(1);
    twice.settle(T + 60_000, 100);
    expect(twice.size).toBe(0);
  }
});

it("forgets as many as it is told to at a time, though all have one deadline", () => {
  const keys = Array.from({ length: 10 }, (_, number) => ({ key: keyOf(number), validUntil: T }));
  const used = UsedIds.of(ground, keys);
  const sizes = [4, 4, 4].map((max) => {
    used.settle(T + 5_000, max);
    return used.size;
  });
  expect(sizes).toEqual([6, 2, 0]);
});

it("holds many thousands, and forgets those that are over", () => {
  const many = Array.from({ length: 20_000 }, (_, number) => ({
    key: keyOf(3 * number + 1),
    validUntil: T + (number % 7_000),
  }));
  const used = UsedIds.of(ground, many);
  expect(used.size).toBe(many.length);
  for (const { key, validUntil } of many) {
    if (!used.has(key, validUntil) || used.has(key, validUntil + 1)) throw new Error(key);
  }
  used.settle(T + 4_000, many.length);
  const left = many.filter(({ validUntil }) => validUntil >= T + 4_000);
  expect(used.size).toBe(left.length);
  for (const { key, validUntil } of left) if (!used.has(key, validUntil)) throw new Error(key);
});
