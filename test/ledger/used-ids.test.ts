import fc from "fast-check";
import { expect, it } from "vitest";
import { UsedIds } from "../../src/ledger/used-ids.ts";

const keys = fc.constantFrom("a", "b", "c", "d", "e", "f");
/** A step of time, and the ids used then, with deadlines up to five seconds ahead. */
const steps = fc.array(
  fc.record({
    waitMs: fc.constantFrom(0, 1, 500, 1_000, 3_000),
    uses: fc.array(fc.record({ key: keys, ahead: fc.nat({ max: 5_000 }) }), { maxLength: 5 }),
  }),
  { maxLength: 30 },
);

it("L7: knows exactly the ids whose window has not ended, however much was pruned", () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(0, 1, 2, 100), (list, max) => {
      let used = UsedIds.empty();
      const model = new Map<string, number>();
      let earliest = 1_000_000;
      for (const { waitMs, uses } of list) {
        earliest += waitMs;
        used = used.pruned(earliest, max);
        for (const { key, ahead } of uses) {
          if (used.has(key, earliest)) continue;
          used = used.add(key, earliest + ahead);
          model.set(key, earliest + ahead);
        }
        for (const key of "abcdef") {
          expect(used.has(key, earliest)).toBe((model.get(key) ?? 0) >= earliest);
        }
      }
    }),
  );
});

it("holds no id much longer than its window", () => {
  let used = UsedIds.empty();
  for (let time = 0; time < 100_000; time += 100) {
    used = used.pruned(time).add(`id ${time}`, time + 5_000);
    // 50 ids are within their window; those of one more second may stay until that second is over.
    expect(used.size).toBeLessThanOrEqual(61);
  }
  expect(used.pruned(1_000_000).size).toBe(0);
});

it("leaves what it was made from as it was", () => {
  const before = UsedIds.empty().add("a", 1_000);
  before.add("b", 1_000);
  before.pruned(9_000);
  expect([before.size, before.has("a", 1_000), before.has("b", 1_000)]).toEqual([1, true, false]);
});

it("an id used again after its window is not forgotten with the first use", () => {
  const twice = UsedIds.empty().add("a", 1_000).add("a", 9_000);
  expect(twice.pruned(5_000).has("a", 5_000)).toBe(true);
  expect(twice.pruned(5_000).size).toBe(1);
});

it("forgets as many as it is told to at a time, though all have one deadline", () => {
  let used = UsedIds.empty();
  for (let i = 0; i < 10; i++) used = used.add(`id ${i}`, 1_000);
  used = used.pruned(5_000, 4);
  expect(used.size).toBe(6);
  used = used.pruned(5_000, 4).pruned(5_000, 4);
  expect([used.size, used.pruned(5_000, 4)]).toEqual([0, used]);
});
