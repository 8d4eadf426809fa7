/**
 * The wait of a sink after each failed attempt, and the time when it gives a message up. Waits double, and half of each is random, so
 * that endpoints of many nodes do not come back to a receiver at one moment.
 */
import type { Bytes } from "../../primitives/bytes.ts";

/** Milliseconds: the first wait, and the longest. */
const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;
/** A message is given up when it has failed for so long, and so many times since this process began with it. */
export const GIVEN_UP_MS = 24 * 3_600_000;
export const GIVEN_UP_ATTEMPTS = 10;

/** `attempt`: from 1. `askedMs`: the pause for which the receiver asked, which counts up to the longest. */
export function retryWaitMs(
  attempt: number,
  askedMs: number,
  entropy: (length: number) => Bytes,
): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 20), LONGEST_MS);
  const [a = 0, b = 0] = entropy(2);
  const chance = (a * 256 + b) / 65_536;
  const own = Math.floor(whole / 2 + (whole / 2) * chance);
  return Math.max(own, Math.min(askedMs, LONGEST_MS));
}

/** `failingMs`: by the wall clock, which lasts through restarts and may be set; so the attempts count too. */
export function isGivenUp(attempts: number, failingMs: number): boolean {
  return attempts >= GIVEN_UP_ATTEMPTS && failingMs >= GIVEN_UP_MS;
}
