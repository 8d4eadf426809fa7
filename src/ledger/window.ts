/** The time window of an operation: ordered only near its deadline, applied only up to it (L6). */
import type { GenesisTimings } from "./genesis.ts";

/** The earliest deadline with which an operation may be ordered at `time`, or keeps its id in use. */
export function earliestDeadline(timings: Pick<GenesisTimings, "graceMs">, time: number): number {
  return time - timings.graceMs;
}

/** The latest deadline with which an operation may be ordered at `time`. */
export function latestDeadline(timings: GenesisTimings, time: number): number {
  return time + timings.lifetimeMsMax;
}

/** time - grace <= validUntil <= time + lifetime, both ends included. */
export function checkWindow(
  timings: GenesisTimings,
  at: { readonly validUntil: number; readonly time: number },
): "validUntilTooEarly" | "validUntilTooLate" | undefined {
  if (at.validUntil < earliestDeadline(timings, at.time)) return "validUntilTooEarly";
  return at.validUntil > latestDeadline(timings, at.time) ? "validUntilTooLate" : undefined;
}

/** Both ends included. */
export interface Deadlines {
  readonly earliest: number;
  readonly latest: number;
}

/**
 * L28: the deadlines of the payments that an ordered cancellation rules out for ever, before and after it in the chain; `time`
 * is that of its block. One with an earlier deadline may have been ordered before, and its id forgotten; one with a later
 * deadline may be ordered when the cancellation's id is forgotten.
 */
export function cancelledDeadlines(
  timings: Pick<GenesisTimings, "graceMs">,
  { validUntil, time }: { readonly validUntil: number; readonly time: number },
): Deadlines {
  return { earliest: earliestDeadline(timings, time), latest: validUntil };
}

/** No block older than this has ordered an id that is in use at `time` (L7). */
export function oldestInWindow(timings: GenesisTimings, time: number): number {
  return time - timings.graceMs - timings.lifetimeMsMax;
}

/** Past its deadline an operation may be ordered, within grace, but is not applied. */
export function isExpired(at: { readonly validUntil: number; readonly time: number }): boolean {
  return at.time > at.validUntil;
}
