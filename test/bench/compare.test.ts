// Comparisons of two revisions, and the options of the bench.
import { describe, expect, it } from "vitest";
import { comparedLine, compareFigures, isAfterFirst } from "../../bench/compare/ratios.ts";
import { time } from "../../bench/micro/timing.ts";
import { helpText, readOptions } from "../../bench/options.ts";

describe("a comparison", () => {
  it("has the medians of both sides, and the spread of the ratios of the rounds", () => {
    const rounds = [
      { before: { rate: 100, only: 1 }, after: { rate: 150 } },
      { before: { rate: 200 }, after: { rate: 240 } },
      { before: { rate: 50 }, after: { rate: 100, only: undefined } },
    ];
    expect(compareFigures(["rate", "only"], rounds)).toEqual([
      {
        name: "rate",
        before: { median: 100, low: 50, high: 200 },
        after: { median: 150, low: 100, high: 240 },
        ratio: { median: 1.5, low: 1.2, high: 2 },
      },
    ]);
  });

  it("measures each side first as often as the other", () => {
    expect([0, 1, 2, 3].map(isAfterFirst)).toEqual([false, true, false, true]);
  });

  it("shows the ratio with its range, or none", () => {
    const ratio = { median: 1.5, low: 1.25, high: 2 };
    const texts = { label: "transfers", before: "100 /s", after: "150 /s" };
    expect(comparedLine({ ...texts, ratio })).toMatch(
      /transfers +100 \/s +150 \/s +× 1\.500 +\(1\.250 … 2\.000\)$/,
    );
    expect(comparedLine({ ...texts, ratio: undefined })).toMatch(/150 \/s$/);
  });
});

describe("the options of the bench", () => {
  it("name workloads, a revision, groups or a scenario", () => {
    expect(readOptions([])).toMatchObject({
      kind: "payments",
      options: { names: ["single", "saturation"] },
    });
    expect(readOptions(["hot", "--in-flight", "5000", "--json"])).toMatchObject({
      options: { names: ["hot"], inFlight: 5_000, json: true },
    });
    expect(readOptions(["compare", "HEAD~1", "micro", "seal", "--rounds", "2"])).toMatchObject({
      kind: "compare",
      revision: "HEAD~1",
      rounds: 2,
      options: { names: ["micro", "seal"] },
    });
    expect(readOptions(["compare-access", "--rounds", "3"])).toMatchObject({
      kind: "compareCondition",
      condition: "access",
      rounds: 3,
      options: { names: ["saturation"] },
    });
    expect(readOptions(["micro", "trie"])).toMatchObject({ kind: "micro", groups: ["trie"] });
    expect(readOptions(["leader-kill", "--kills", "3"])).toMatchObject({
      kind: "scenario",
      sizes: { kills: 3 },
    });
  });

  it.each([
    [["--in-flight", "5001"], /--in-flight is a whole number from 1 to 5000/],
    [["--seconds", "0"], /--seconds is a whole number from 1 to 300/],
    [["--unknown"], /--unknown/],
    [["compare"], /compare needs a revision/],
  ])("refuse %j", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });

  it("refuse a workload or a group that does not exist, and an open load without a rate", () => {
    expect(() => readOptions(["cold"])).toThrow(/no workload cold; take one of single, saturation/);
    expect(() => readOptions(["micro", "cold"])).toThrow(/no group cold; take one of codec/);
    expect(() => readOptions(["compare", "HEAD", "micro", "cold"])).toThrow(/no group cold/);
    expect(() => readOptions(["open-50", "saturation"])).toThrow(
      /open-50 needs the rate at saturation/,
    );
    for (const compare of [["compare", "HEAD"], ["compare-access"], ["compare-explorer"]]) {
      const named = [...compare, "saturation", "open-50"];
      expect(() => readOptions(named)).toThrow(/open-50 needs a rate .*: give --rate/);
      expect(readOptions([...named, "--rate", "300"])).toMatchObject({ options: { rate: 300 } });
    }
    expect(readOptions(["saturation", "open-50"])).toMatchObject({ kind: "payments" });
    expect(readOptions(["open-80", "--rate", "300"])).toMatchObject({ options: { rate: 300 } });
  });

  it("list every workload as `all`", () => {
    const order = readOptions(["all"]);
    if (order.kind !== "payments") throw new Error("no payments");
    expect(order.options.names.length).toBeGreaterThan(10);
    expect(order.options.names).toContain("open-80");
  });

  it("are explained", () => {
    for (const name of ["members-16", "leader-kill", "compare REVISION", "trie"]) {
      expect(helpText()).toContain(name);
    }
  });
});

describe("a micro-benchmark", () => {
  const sizes = { warmMs: 1, sampleMs: 1, limitMs: 50 };

  it("divides by the pieces of work, and waits for those that end later", async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 4));
    const one = await time({ name: "wait", run: wait }, sizes);
    expect(one.lowNs).toBeGreaterThan(2e6);
    expect(one.samples).toBeGreaterThanOrEqual(3);
    const parts = await time({ name: "wait", run: wait, count: 1_000 }, sizes);
    expect(parts.lowNs).toBeLessThan(one.lowNs);
  });

  it("runs quick work often enough to time it", async () => {
    let runs = 0;
    const run = () => {
      runs += 1;
    };
    const { medianNs } = await time({ name: "count", run }, sizes);
    expect(runs).toBeGreaterThan(100);
    expect(medianNs).toBeGreaterThan(0);
  });
});
