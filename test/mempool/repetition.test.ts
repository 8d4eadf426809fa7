/** R6: which operations of a repetition go to whom. */
import { describe, expect, it } from "vitest";
import { Repetition } from "../../src/mempool/repetition.ts";

const operations = Array.from({ length: 10 }, (_, index) => index);

describe("R6: a repetition", () => {
  it("shows every operation to all members in turn, and gives the leader each of them every time", () => {
    const repetition = new Repetition(4);
    const shown = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const { toAll, rest } = repetition.divide(operations);
      expect(toAll).toHaveLength(4);
      expect([...toAll, ...rest].sort((left, right) => left - right)).toEqual(operations);
      for (const operation of toAll) shown.add(operation);
    }
    expect(shown.size).toBe(operations.length);
  });

  it("goes to all members as a whole if it is small", () => {
    const few = operations.slice(0, 4);
    expect(new Repetition(4).divide(few)).toEqual({ toAll: few, rest: [] });
    expect(new Repetition(4).divide([])).toEqual({ toAll: [], rest: [] });
  });
});
