/** The time window of an operation: ordered only near its deadline, applied only up to it (L6). */
import type { GenesisTimings } from "./genesis.ts";

/** The earliest deadline with which an operation may be ordered at `time`, or keeps its id in use. */
export function earliestDeadline(timings: GenesisTimings, time: number): number {
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

/** No block older than this has ordered an id that is in use at `time` (L7). */
export function oldestInWindow(timings: GenesisTimings, time: number): number {
  return time - timings.graceMs - timings.lifetimeMsMax;
}

/** Past its deadline an operation may be ordered, within grace, but is not applied. */
export function isExpired(at: { readonly validUntil: number; readonly time: number }): boolean {
  return at.time > at.validUntil;
}
