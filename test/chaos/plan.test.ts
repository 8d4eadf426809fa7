// The plan of faults follows from the seed alone, and has enough kills.
import { describe, expect, it } from "vitest";
import { drawPlan, FAULT_KINDS } from "./plan.ts";

const TEN_MINUTES = { seconds: 600, nodes: 4, kinds: FAULT_KINDS };

describe("the plan of a chaos run", () => {
  it("is the same for the same seed, and another for another", () => {
    const plan = drawPlan({ ...TEN_MINUTES, seed: 7 });
    expect(drawPlan({ ...TEN_MINUTES, seed: 7 })).toEqual(plan);
    expect(drawPlan({ ...TEN_MINUTES, seed: 8 })).not.toEqual(plan);
  });

  it.each([1, 2, 3, 4, 5])("has more than a hundred kills and every kind, seed %i", (seed) => {
    const plan = drawPlan({ ...TEN_MINUTES, seed });
    const kills = plan.reduce((sum, { kind, nodes }) => {
      if (kind === "kill-all") return sum + TEN_MINUTES.nodes;
      if (kind === "kill-leader") return sum + 1;
      return sum + (kind === "kill" ? nodes.length : 0);
    }, 0);
    expect(kills).toBeGreaterThan(100);
    expect(new Set(plan.map(({ kind }) => kind)).size).toBe(FAULT_KINDS.length);
  });

  it("keeps to the kinds that were asked for, and ends before the load does", () => {
    const plan = drawPlan({ ...TEN_MINUTES, seed: 3, kinds: ["cut", "stop"] });
    expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(["cut", "stop"]));
    expect(Math.max(...plan.map(({ at, forMs }) => at + forMs))).toBeLessThan(600_000);
  });
});
