// Figures of a run as text and as plots.
import { describe, expect, it } from "vitest";
import { FIGURE_NAMES, type Figures, spreadsOf } from "../../bench/payments/figures.ts";
import { latencyPlot } from "../../bench/payments/latency-plot.ts";
import type { RunResult } from "../../bench/payments/payment-run.ts";
import type { WorkloadResult } from "../../bench/payments/run-document.ts";
import { complaintsAbout, workloadText } from "../../bench/payments/run-text.ts";
import { roundUp } from "../../bench/payments/svg.ts";
import { throughputPlot } from "../../bench/payments/throughput-plot.ts";
import { workloadsOf } from "../../bench/payments/workloads.ts";

const NONE = Object.fromEntries(FIGURE_NAMES.map((name) => [name, undefined])) as Figures;

function resultOf(figures: Partial<Figures>, change: Partial<RunResult> = {}): RunResult {
  const rest = { failures: {}, answers: 10, verified: 1, unsent: 0, ranOut: false, ...change };
  return { figures: { ...NONE, ...figures }, ...rest };
}

function workload(name: string, repeats: readonly RunResult[]): WorkloadResult {
  const found = workloadsOf({ nodes: 4, inFlight: 100, wallets: 10 })["saturation"];
  if (found === undefined) throw new Error("saturation is a workload");
  return {
    name,
    workload: found,
    repeats,
    spreads: spreadsOf(repeats.map(({ figures }) => figures)),
  };
}

const rates = [500, 400, 600].map((transfersPerSecond) =>
  resultOf({
    transfersPerSecond,
    ceilingRatio: transfersPerSecond / 10_000,
    p50Ms: 40,
    p99Ms: 90,
    p999Ms: 400,
  }),
);

describe("the text of a run", () => {
  it("has medians with their ranges, and leaves out what was not measured", () => {
    const text = workloadText(workload("saturation", rates));
    expect(text).toMatch(/sealed transfers +500 \/s +\(400 \/s … 600 \/s\)/);
    expect(text).toMatch(/transfers ÷ ceiling +0\.0500 +\(0\.0400 … 0\.0600\)/);
    expect(text).not.toContain("seals");
  });

  it("complains about wrong answers, unsent operations and a loaded machine", () => {
    expect(complaintsAbout(rates)).toEqual([]);
    const bad = resultOf(
      { othersShare: 0.2 },
      { failures: { "not sealed": 3 }, unsent: 2, ranOut: true },
    );
    expect(complaintsAbout([...rates, bad]).map((line) => line.split(":")[0])).toEqual([
      "LOADED MACHINE",
      "WRONG",
      "OVERLOADED",
      "SHORT",
    ]);
  });
});

describe("plots", () => {
  it.each([
    [0, 1],
    [1, 1],
    [1.1, 2],
    [499, 500],
    [501, 1_000],
    [0.03, 0.05],
  ])("round %d up to %d", (value, top) => {
    expect(roundUp(value)).toBeCloseTo(top, 9);
  });

  it("show each workload by its name, escaped, and each repeat of its rate", () => {
    const all = [workload("a<b&c", rates), workload("empty", [])];
    const plots = [throughputPlot(all), latencyPlot(all)];
    for (const plot of plots) {
      expect(plot).toContain(">a&lt;b&amp;c<");
      expect(plot).not.toMatch(/NaN|undefined|Infinity/);
    }
    expect(plots[0]?.match(/<circle/g)).toHaveLength(rates.length);
    expect(plots[0]).toContain("5.0% of ceiling");
  });

  it("put a higher rate higher", () => {
    const heights = [...throughputPlot([workload("one", rates)]).matchAll(/cy="([\d.]+)"/g)];
    const [middle, low, high] = heights.map(([, y]) => Number(y));
    expect(high).toBeLessThan(middle ?? 0);
    expect(middle).toBeLessThan(low ?? 0);
  });
});
