/** Summaries of samples: a median with its range, and ratios of two samples that were measured in turn. */
import { median, percentile } from "../../src/cli/percentile.ts";

/** The median of a sample, its smallest value and its largest one. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Undefined for an empty sample. */
export function spreadOf(sample: readonly number[]): Spread | undefined {
  if (sample.length === 0) return undefined;
  return { median: median(sample), low: Math.min(...sample), high: Math.max(...sample) };
}

/**
 * The ratios of `after` to `before`, round by round: both values of a round were measured next to each other, so a change
 * of the machine between two rounds cancels out. A round in which one value is missing or `before` is 0 gives none.
 */
export function ratiosByRound(
  before: readonly (number | undefined)[],
  after: readonly (number | undefined)[],
): number[] {
  return before.flatMap((value, round) => {
    const other = after[round];
    return value === undefined || other === undefined || value === 0 ? [] : [other / value];
  });
}

/** Quantiles of latencies, milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** All NaN for an empty sample. */
export function latencyOf(sample: readonly number[]): Latency {
  return {
    p50: percentile(sample, 0.5),
    p99: percentile(sample, 0.99),
    p999: percentile(sample, 0.999),
    max: percentile(sample, 1),
  };
}
