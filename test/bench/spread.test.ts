// Medians, quantiles and ratios of the bench.
import { describe, expect, it } from "vitest";
import { latencyOf, ratiosByRound, spreadOf } from "../../bench/readings/spread.ts";

describe("spreads", () => {
  it("are the median, the smallest and the largest value", () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, low: 10, high: 30 });
    expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7 });
    expect(spreadOf([])).toBeUndefined();
  });
});

describe("latencies", () => {
  it("are the smallest values that the share of the sample does not exceed", () => {
    const sample = Array.from({ length: 1_000 }, (_, i) => 1_000 - i);
    expect(latencyOf(sample)).toEqual({ p50: 500, p99: 990, p999: 999, max: 1_000 });
    expect(latencyOf([5])).toEqual({ p50: 5, p99: 5, p999: 5, max: 5 });
  });

  it("are not numbers if nothing was answered", () => {
    expect(Object.values(latencyOf([])).every(Number.isNaN)).toBe(true);
  });
});

describe("ratios of two revisions", () => {
  it("are taken round by round", () => {
    expect(ratiosByRound([100, 200], [150, 100])).toEqual([1.5, 0.5]);
  });

  it("leave out a round without both values, or with nothing to divide by", () => {
    expect(ratiosByRound([100, undefined, 0, 50], [undefined, 7, 7, 100])).toEqual([2]);
  });
});
