/**
 * Metric families: each has its name by the conventions of Prometheus, its meaning, and where its values are read at a
 * scrape. The objects of the node keep plain numbers and know nothing of metrics.
 */
import type { Distribution } from "../../primitives/distribution.ts";
import type { Observed } from "./observed.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** One number, none at present, or one for each value of the labels. */
export type Reading = number | undefined | readonly Sample[];

interface Description {
  /** With its prefix. */
  readonly name: string;
  /** One sentence without a full stop. */
  readonly help: string;
  readonly labels: readonly string[];
}

export interface NumberFamily extends Description {
  readonly type: "counter" | "gauge";
  read(observed: Observed): Reading | Promise<Reading>;
}

export interface LabelledDistribution {
  readonly labels: Labels;
  readonly distribution: Distribution;
}

export interface HistogramFamily extends Description {
  readonly type: "histogram";
  read(observed: Observed): readonly LabelledDistribution[];
}

export type Family = NumberFamily | HistogramFamily;

const PREFIX = "countersign_";

type ReadNumber = NumberFamily["read"];

/** A number that goes up and down. */
export function gauge(
  name: string,
  help: string,
  read: ReadNumber,
  labels: readonly string[] = [],
): NumberFamily {
  return { type: "gauge", name: PREFIX + name, help, labels, read };
}

/** A number that only grows while the process runs; its name ends in `_total`. */
export function counter(
  name: string,
  help: string,
  read: ReadNumber,
  labels: readonly string[] = [],
): NumberFamily {
  return { type: "counter", name: PREFIX + name, help, labels, read };
}

export function histogram(
  name: string,
  help: string,
  read: HistogramFamily["read"],
  labels: readonly string[] = [],
): HistogramFamily {
  return { type: "histogram", name: PREFIX + name, help, labels, read };
}

/** 1 for yes, 0 for no, as Prometheus has it. */
export function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** Milliseconds as seconds, the base unit. */
export function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
