/** Throughput and pace from the headers of blocks: block times alone, so the page's own clock does not matter. */
import type { BlockMark } from "./node-watch.ts";

export const WINDOW_S = 60;
/** Seconds over which the shown rate is a mean. */
const RATE_S = 10;

export interface Rates {
  /** Operations in each of the last seconds, the oldest first. */
  readonly perSecond: readonly number[];
  /** Operations a second, over the last ten. */
  readonly now: number;
  /** Median time from a block to the next one in the window, milliseconds; undefined below three blocks. */
  readonly intervalMs: number | undefined;
}

/** `nowMs`: block time as it would be now. */
export function ratesOf(blocks: readonly BlockMark[], nowMs: number): Rates {
  const perSecond = Array.from({ length: WINDOW_S }, () => 0);
  const recent: number[] = [];
  for (const { time, operations } of blocks) {
    const age = Math.floor((nowMs - time) / 1000);
    if (age < 0 || age >= WINDOW_S) continue;
    const place = WINDOW_S - 1 - age;
    perSecond[place] = (perSecond[place] ?? 0) + operations;
    recent.push(time);
  }
  const last = perSecond.slice(-RATE_S);
  const gaps = recent.slice(1).map((time, i) => time - (recent[i] ?? time));
  const sorted = gaps.sort((one, other) => one - other);
  return {
    perSecond,
    now: last.reduce((sum, one) => sum + one, 0) / RATE_S,
    intervalMs: sorted.length < 2 ? undefined : sorted[Math.floor(sorted.length / 2)],
  };
}
