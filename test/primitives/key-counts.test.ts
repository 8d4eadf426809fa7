import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyCounts } from "../../src/primitives/key-counts.ts";

describe("counts by key", () => {
  it("hold the sum of what was added to each key, and room for the others alone", () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 3 }),
      amount: fc.integer({ min: -2, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const counts = new KeyCounts<number>();
        for (const { key, amount } of steps) counts.add(key, amount);
        const sums = [0, 1, 2, 3].map((key) =>
          steps.filter((one) => one.key === key).reduce((sum, { amount }) => sum + amount, 0),
        );
        expect([0, 1, 2, 3].map((key) => counts.of(key))).toEqual(sums);
        expect(counts.total).toBe(sums.reduce((sum, one) => sum + one, 0));
        expect([...counts].length).toBe(sums.filter((sum) => sum !== 0).length);
      }),
    );
  });

  it("refuse a key that is at its most, and no other", () => {
    const counts = new KeyCounts<string>();
    expect([1, 2, 3].map(() => counts.addBelow(2, "a"))).toEqual([true, true, false]);
    expect(counts.addBelow(2, "b")).toBe(true);
    counts.add("a", -1);
    expect(counts.addBelow(2, "a")).toBe(true);
  });
});
