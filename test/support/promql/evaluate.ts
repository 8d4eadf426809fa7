/**
 * Evaluates the part of PromQL that the project's alert rules use, over scrapes with their times, as Prometheus does: the
 * newest sample of the last five minutes, and over a range the samples in it, counter resets counted, extrapolated to its ends.
 */
import { type Expression, type Matcher, parsePromql } from "./parse.ts";

export type LabelSet = Readonly<Record<string, string>>;

export interface Series {
  readonly labels: LabelSet;
  /** Times in seconds, ascending. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

interface Element {
  readonly labels: LabelSet;
  readonly value: number;
}

const LOOKBACK = 300;
const OVER_RANGES: ReadonlySet<string> = new Set(["rate", "increase", "delta"]);

/** The series of all scrapes so far, by metric name. */
export class SampleStore {
  readonly #series = new Map<string, Map<string, { labels: LabelSet; points: Point[] }>>();

  add(name: string, labels: LabelSet, at: number, value: number): void {
    const byLabels = this.#series.get(name) ?? new Map();
    this.#series.set(name, byLabels);
    const key = keyOf(labels);
    const series = byLabels.get(key) ?? { labels, points: [] };
    byLabels.set(key, series);
    series.points.push({ at, value });
  }

  /** A scrape in the text format of Prometheus, of the target `target`. */
  scrape(text: string, at: number, target: LabelSet): void {
    const seen = new Set<string>();
    for (const { name, labels, value } of readExposition(text)) {
      const all = { ...labels, ...target };
      seen.add(`${name} ${keyOf(all)}`);
      this.add(name, all, at, value);
    }
    // A series of this target that is not there any more ends now, as Prometheus marks it stale.
    for (const [name, byLabels] of this.#series) {
      for (const [key, { labels, points }] of byLabels) {
        const isOfTarget = Object.entries(target).every(([label, one]) => labels[label] === one);
        const isGone = isOfTarget && name !== "up" && !seen.has(`${name} ${key}`);
        if (isGone && !Number.isNaN(points.at(-1)?.value)) points.push({ at, value: Number.NaN });
      }
    }
  }

  select(name: string, matchers: readonly Matcher[]): readonly Series[] {
    return [...(this.#series.get(name)?.values() ?? [])].filter(({ labels }) =>
      matchers.every((matcher) => holds(matcher, labels)),
    );
  }

  get all(): readonly (readonly [name: string, series: Series])[] {
    return [...this.#series].flatMap(([name, byLabels]) =>
      [...byLabels.values()].map((series) => [name, series] as const),
    );
  }
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** The elements of an alert's expression at a time: where there are any, it holds. */
export function evaluate(store: SampleStore, text: string, at: number): readonly Element[] {
  const result = worthOf(store, parsePromql(text), at);
  if (typeof result === "number") throw new Error(`a scalar is no alert: ${text}`);
  return result;
}

type Value = number | readonly Element[];

function worthOf(store: SampleStore, expression: Expression, at: number): Value {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "selector":
      return instant(store, expression.name, expression.matchers, at);
    case "call":
      return call(store, expression.name, expression.args, at);
    case "aggregate":
      return aggregate(expression, worthOf(store, expression.of, at));
    case "binary":
      return binary(
        expression.op,
        worthOf(store, expression.left, at),
        worthOf(store, expression.right, at),
      );
    default:
      throw new Error(`a ${expression.kind} has no value here`);
  }
}

function instant(
  store: SampleStore,
  name: string,
  matchers: readonly Matcher[],
  at: number,
): Element[] {
  return store.select(name, matchers).flatMap(({ labels, points }) => {
    const newest = points.findLast((point) => point.at <= at);
    if (newest === undefined || newest.at <= at - LOOKBACK || Number.isNaN(newest.value)) return [];
    return [{ labels: { ...labels, __name__: name }, value: newest.value }];
  });
}

function call(store: SampleStore, name: string, args: readonly Expression[], at: number): Value {
  const [first] = args;
  if (name === "time") return at;
  if (first === undefined) throw new Error(`${name} of nothing`);
  if (name === "abs") {
    const value = worthOf(store, first, at);
    if (typeof value === "number") return Math.abs(value);
    return value.map((one) => ({ labels: unnamed(one.labels), value: Math.abs(one.value) }));
  }
  if (!OVER_RANGES.has(name) || first.kind !== "selector" || first.range === undefined) {
    throw new Error(`${name} is not evaluated here`);
  }
  const { range } = first;
  return store.select(first.name, first.matchers).flatMap(({ labels, points }) => {
    const inside = points.filter(
      (point) => point.at > at - range && point.at <= at && !Number.isNaN(point.value),
    );
    const change = changeOver(inside, { from: at - range, to: at }, name !== "delta");
    if (change === undefined) return [];
    return [{ labels, value: name === "rate" ? change / range : change }];
  });
}

/** As Prometheus extrapolates it (extrapolatedRate in promql/functions.go); undefined with fewer than two samples. */
function changeOver(
  points: readonly Point[],
  { from, to }: { readonly from: number; readonly to: number },
  isCounter: boolean,
): number | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return undefined;
  let change = last.value - first.value;
  if (isCounter) {
    for (const [place, { value }] of points.entries()) {
      const before = points[place - 1]?.value ?? value;
      if (value < before) change += before;
    }
  }
  const sampled = last.at - first.at;
  const average = sampled / (points.length - 1);
  let toStart = first.at - from;
  let toEnd = to - last.at;
  if (toStart >= average * 1.1) toStart = average / 2;
  if (isCounter && change > 0 && first.value >= 0) {
    toStart = Math.min(toStart, sampled * (first.value / change));
  }
  if (toEnd >= average * 1.1) toEnd = average / 2;
  return change * ((sampled + toStart + toEnd) / sampled);
}

function aggregate(
  { name, by }: Extract<Expression, { kind: "aggregate" }>,
  value: Value,
): Element[] {
  if (typeof value === "number") throw new Error("a scalar is not aggregated");
  const groups = new Map<string, { labels: LabelSet; values: number[] }>();
  for (const { labels, value: one } of value) {
    const kept = Object.fromEntries(
      by.flatMap((label) => {
        const text = labels[label];
        return text === undefined ? [] : [[label, text]];
      }),
    );
    const group = groups.get(keyOf(kept)) ?? { labels: kept, values: [] };
    groups.set(keyOf(kept), group);
    group.values.push(one);
  }
  return [...groups.values()].map(({ labels, values }) => ({
    labels,
    value: reduce(name, values),
  }));
}

function reduce(name: string, values: readonly number[]): number {
  const sum = values.reduce((left, right) => left + right, 0);
  switch (name) {
    case "sum":
      return sum;
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    case "count":
      return values.length;
    default:
      return sum / values.length;
  }
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};
const COMPARISONS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  ">": (left, right) => left > right,
  "<": (left, right) => left < right,
  ">=": (left, right) => left >= right,
  "<=": (left, right) => left <= right,
};

function binary(op: string, left: Value, right: Value): Value {
  if (op === "and" || op === "unless" || op === "or") return ofSets(op, left, right);
  const [compute, compare] = [ARITHMETIC[op], COMPARISONS[op]];
  if (typeof left === "number" && typeof right === "number") {
    if (compute === undefined) throw new Error("scalars are not compared here");
    return compute(left, right);
  }
  const pairs = pairsOf(left, right);
  if (compute !== undefined) {
    return pairs.map(([labels, one, two]) => ({
      labels: unnamed(labels),
      value: compute(one, two),
    }));
  }
  if (compare === undefined) throw new Error(`${op} is not evaluated here`);
  const kept = typeof left === "number" ? 2 : 1;
  return pairs
    .filter(([, one, two]) => compare(one, two))
    .map((pair) => ({ labels: pair[0], value: pair[kept] }));
}

/** One to one by all labels, or each with a scalar. */
function pairsOf(left: Value, right: Value): [LabelSet, number, number][] {
  if (typeof left === "number") {
    return typeof right === "number" ? [] : right.map(({ labels, value }) => [labels, left, value]);
  }
  if (typeof right === "number") return left.map(({ labels, value }) => [labels, value, right]);
  const others = new Map(right.map(({ labels, value }) => [keyOf(unnamed(labels)), value]));
  return left.flatMap(({ labels, value }) => {
    const other = others.get(keyOf(unnamed(labels)));
    return other === undefined ? [] : [[labels, value, other] as [LabelSet, number, number]];
  });
}

function ofSets(op: string, left: Value, right: Value): Element[] {
  if (typeof left === "number" || typeof right === "number") throw new Error(`${op} of a scalar`);
  const keys = new Set(right.map(({ labels }) => keyOf(unnamed(labels))));
  const has = ({ labels }: Element) => keys.has(keyOf(unnamed(labels)));
  if (op === "and") return left.filter(has);
  if (op === "unless") return left.filter((one) => !has(one));
  const own = new Set(left.map(({ labels }) => keyOf(unnamed(labels))));
  return [...left, ...right.filter(({ labels }) => !own.has(keyOf(unnamed(labels))))];
}

function holds({ label, op, value }: Matcher, labels: LabelSet): boolean {
  const own = labels[label] ?? "";
  switch (op) {
    case "=":
      return own === value;
    case "!=":
      return own !== value;
    case "=~":
      return new RegExp(`^(?:${value})$`).test(own);
    case "!~":
      return !new RegExp(`^(?:${value})$`).test(own);
  }
}

function unnamed(labels: LabelSet): LabelSet {
  const { __name__: _, ...rest } = labels;
  return rest;
}

function keyOf(labels: LabelSet): string {
  return JSON.stringify(Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)));
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)",?/g;

/** The samples of a text in the exposition format. A line that does not read is an error. */
export function readExposition(
  text: string,
): { readonly name: string; readonly labels: LabelSet; readonly value: number }[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name, labels = "", value = ""] = LINE.exec(line) ?? [];
      if (name === undefined) throw new Error(`no sample: ${line}`);
      const pairs = [...labels.matchAll(LABEL)].map(([, label = "", own = ""]) => [
        label,
        own.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped)),
      ]);
      const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
      return { name, labels: Object.fromEntries(pairs), value: number };
    });
}
