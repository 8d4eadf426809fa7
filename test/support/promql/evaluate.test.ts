/**
 * The evaluator computes what Prometheus does. The expected values follow, by hand, from the rules of its documentation
 * ("Querying basics", "Operators", "Functions") and of `extrapolatedRate` in its promql/functions.go, version 3.
 */
import { describe, expect, it } from "vitest";
import { evaluate, type LabelSet, SampleStore } from "./evaluate.ts";
import { AlertStates } from "./rules.ts";

interface Row {
  readonly name?: string;
  readonly labels?: LabelSet;
  readonly values: readonly number[];
}

const STEP_S = 60;

/** Series with a sample each minute from time 0 on. */
function storeOf(...rows: readonly Row[]): SampleStore {
  const store = new SampleStore();
  for (const { name = "x", labels = {}, values } of rows) {
    for (const [place, value] of values.entries()) store.add(name, labels, place * STEP_S, value);
  }
  return store;
}

/** first, first + step, … with `count` steps. */
const line = (first: number, step: number, count: number) =>
  Array.from({ length: count + 1 }, (_, place) => first + place * step);

function valuesOf(store: SampleStore, text: string, at: number): number[] {
  return evaluate(store, text, at).map(({ value }) => value);
}

describe("increase, rate and delta", () => {
  it("extrapolate to the start of the range, but a counter never below 0", () => {
    const store = storeOf({ values: line(0, 10, 10) });
    expect(valuesOf(store, "increase(x[10m])", 600)).toEqual([100]);
    expect(valuesOf(store, "rate(x[10m])", 600)[0]).toBeCloseTo(1 / 6, 12);
  });

  it.each([
    { first: 0, increase: 100 },
    { first: 1, increase: 101 },
    { first: 10, increase: 105 },
  ])(
    "extrapolate by half an interval at most if the series begins in the range: from $first",
    ({ first, increase }) => {
      const store = storeOf({ values: line(first, 10, 10) });
      expect(valuesOf(store, "increase(x[20m])", 600)[0]).toBeCloseTo(increase, 9);
    },
  );

  it("take a fall of a counter for a reset, and of a gauge for a fall", () => {
    const store = storeOf({ values: [0, 1, 2, 3, 2, 3, 4] });
    expect(valuesOf(store, "increase(x[6m])", 360)[0]).toBeCloseTo(7, 9);
    const falling = storeOf({ values: [200, 150, 100, 50, 0] });
    expect(valuesOf(falling, "delta(x[4m])", 240)).toEqual([-200]);
  });

  it("leave out the sample at the start of the range, and need two", () => {
    const store = storeOf({ values: line(0, 10, 10) });
    expect(valuesOf(store, "increase(x[1m])", 600)).toEqual([]);
    expect(valuesOf(store, "increase(x[61s])", 600)[0]).toBeCloseTo((10 * 61) / 60, 9);
  });

  it("see no increase in a series that begins with its value", () => {
    expect(valuesOf(storeOf({ values: [1, 1, 1] }), "increase(x[5m])", 120)).toEqual([0]);
  });
});

describe("a selector", () => {
  it("gives the newest sample of less than five minutes, and none of a series that ended", () => {
    const store = storeOf({ values: [7] });
    expect(valuesOf(store, "x", 299)).toEqual([7]);
    expect(valuesOf(store, "x", 300)).toEqual([]);
    store.scrape('x{a="b"} 1', 400, { instance: "one" });
    store.scrape("", 415, { instance: "one" });
    expect(valuesOf(store, "x", 416)).toEqual([]);
  });

  it("takes a regular expression for the whole value, and a label that is absent for empty", () => {
    const store = storeOf({ labels: { a: "poolFull" }, values: [1] }, { values: [2] });
    expect(valuesOf(store, 'x{a=~"pool"}', 0)).toEqual([]);
    expect(valuesOf(store, 'x{a=~"pool.*|tooFast"}', 0)).toEqual([1]);
    expect(valuesOf(store, 'x{a!="poolFull"}', 0)).toEqual([2]);
  });
});

describe("an operator", () => {
  const store = storeOf(
    { name: "used", labels: { i: "1" }, values: [3] },
    { name: "used", labels: { i: "2" }, values: [1] },
    { name: "limit", labels: { i: "1" }, values: [4] },
    { name: "limit", labels: { i: "2" }, values: [0] },
  );

  it("matches series by all labels but the name, and filters by comparison", () => {
    expect(evaluate(store, "used / limit > 0.5", 0)).toEqual([
      { labels: { i: "1" }, value: 0.75 },
      { labels: { i: "2" }, value: Number.POSITIVE_INFINITY },
    ]);
    expect(valuesOf(store, "used == 3", 0)).toEqual([3]);
    expect(valuesOf(store, "limit / limit > 0", 0)).toEqual([1]);
  });

  it("binds as in PromQL: arithmetic before comparison before `and`", () => {
    expect(valuesOf(store, "used > 1 and limit > 2 + 1 * 2", 0)).toEqual([]);
    expect(valuesOf(store, "used > 1 and limit > 4 - 1 * 2", 0)).toEqual([3]);
    expect(valuesOf(store, "used > 0 and limit > 2", 0)).toEqual([3]);
    expect(valuesOf(store, "used unless limit == 0", 0)).toEqual([3]);
    expect(valuesOf(store, "abs(used - 4) + time()", 10)).toEqual([11, 13]);
  });

  it("sums by the named labels", () => {
    expect(evaluate(store, "sum by (none) (used)", 0)).toEqual([{ labels: {}, value: 4 }]);
    expect(valuesOf(store, "sum by (i) (used)", 0)).toEqual([3, 1]);
  });
});

it.each([
  ...["histogram_quantile(0.9, x)", "topk(3, x)", "x offset 5m", "x and on (a) x"],
  ...["rate(sum(x)[5m])", "-x", "sum(x) without (a)", "1 > 2", "avg_over_time(x[5m])"],
])("an expression beyond that is refused: %s", (text) => {
  expect(() => evaluate(storeOf({ values: [1, 2] }), text, 60)).toThrow();
});

it("an alert fires once its expression has held for its time without a gap", () => {
  const rule = { alert: "High", expr: "x > 1", holdsFor: 120, labels: {}, annotations: {} };
  const store = storeOf({ labels: { i: "1" }, values: [2, 2, 1, 2, 2, 2, 1] });
  const states = new AlertStates([rule]);
  const rounds = [0, 1, 2, 3, 4, 5, 6].map((round) => states.at(store, round * STEP_S));
  const isFiring = rounds.map((alerts) => alerts.map((one) => one.isFiring));
  expect(isFiring).toEqual([[false], [false], [], [false], [false], [true], []]);
});
