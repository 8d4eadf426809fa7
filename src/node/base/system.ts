/**
 * The surroundings of a node, handed in so that tests can replace them: clocks, timers, entropy.  There are two
 * clocks, because no machine has one for both purposes: `monotonic` for every duration, `wall` for times that nodes
 * agree on or show. A wall clock may be set forwards or back at any moment, so no wait may depend on it.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
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

/** A clock for the spans of traces: as even as the monotonic one, and near the wall clock, also after that was set. */
export function realTraceClock(): { now(): bigint } {
  let offset = wallOffset();
  return {
    now: () => {
      const now = process.hrtime.bigint() + offset;
      const wall = BigInt(Date.now()) * NS_PER_MS;
      if (wall - now < TRACE_DRIFT_NS && now - wall < TRACE_DRIFT_NS) return now;
      offset = wallOffset();
      return process.hrtime.bigint() + offset;
    },
  };
}

const NS_PER_MS = 1_000_000n;
const TRACE_DRIFT_NS = 100n * NS_PER_MS;

function wallOffset(): bigint {
  return BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
}

/** Tells how late the event loop runs its timers. */
export interface LoopDelayReader {
  /** Of the delays since the last reset, the one that this part of them does not exceed; 1: the longest. */
  delayMs(quantile: number): number;
  reset(): void;
}

const LOOP_RESOLUTION_MS = 10;

export function watchLoopDelay(): LoopDelayReader {
  const delays = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delays.enable();
  return {
    delayMs: (quantile) => {
      const lateBy = delays.percentile(quantile * 100) / 1_000_000 - LOOP_RESOLUTION_MS;
      return Math.max(0, lateBy);
    },
    reset: () => delays.reset(),
  };
}

/** A delay longer than the longest timer is split into parts. */
function after(delayMs: number, action: () => void): () => void {
  const partMs = boundDuration(delayMs);
  const restMs = delayMs - partMs;
  let cancel = startTimer(partMs, () => {
    if (restMs > 0) cancel = after(restMs, action);
    else action();
  });
  return () => cancel();
}
