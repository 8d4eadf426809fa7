/**
 * The world as a node sees it, handed in so that tests can give it another: clocks, timers, entropy.
 *
 * Two clocks, because no machine has one that is both: `monotonic` for every duration, `wall` for what is agreed on or
 * shown as a time of day. A wall clock is set forwards and back at any moment; nothing that waits may depend on it.
 */
import type { Bytes } from "../../primitives/bytes.ts";
import { boundDuration, startTimer } from "../../transport/timers.ts";
import { entropy } from "./crypto.ts";

export interface System {
  /** Milliseconds since some moment before this process began; never goes back, and cannot be set. */
  monotonic(): number;
  /** Milliseconds since the epoch, UTC, as the machine shows it now. */
  wall(): number;
  /** Calls `action` once, after `delayMs` of the monotonic clock at the earliest; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** Random bytes that cannot be guessed. */
  entropy(length: number): Bytes;
}

export const realSystem: System = {
  // Not performance.now(): its zero differs between threads, and the seal engine names deadlines to the main one.
  monotonic: () => Number(process.hrtime.bigint() / 1_000_000n),
  wall: () => Date.now(),
  after,
  entropy,
};

/** A delay longer than the longest timer is waited for in parts. */
function after(delayMs: number, action: () => void): () => void {
  const partMs = boundDuration(delayMs);
  const restMs = delayMs - partMs;
  let cancel = startTimer(partMs, () => {
    if (restMs > 0) cancel = after(restMs, action);
    else action();
  });
  return () => cancel();
}
