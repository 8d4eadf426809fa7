/**
 * The only place that starts timers. Node fires a timer after one millisecond if its delay is above the limit or not
 * a number, so every duration from outside is bounded before it comes here.
 */
import { assert } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";

/** Timers for the transport's own waits, supplied so that tests can move time. */
export interface TransportTimers {
  /** Calls `action` once, after at least `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** The number of parts of a wait; arrived input is read between two parts. */
const LISTENING_PARTS = 4;

/** A duration from outside, bounded for a timer. */
export function boundDuration(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError("a duration is not a number");
  return Math.min(Math.max(ms, 0), LIMITS.timerMsMax);
}

/** Calls `action` once, after `delayMs`; the returned function cancels it. */
export function startTimer(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, checked(delayMs));
  return () => clearTimeout(timer);
}

/** Calls `action` every `periodMs`; the returned function stops that. */
export function startInterval(periodMs: number, action: () => void): () => void {
  const timer = setInterval(action, checked(periodMs));
  return () => clearInterval(timer);
}

/**
 * Calls `action` after `ms` in which this process could have heard the other side; the returned function cancels it.
 * A process that was held up, or whose machine slept, runs its timers before it reads the input that arrived
 * meanwhile: by the clock alone, all its peers would seem dead.
 */
export function afterListening(ms: number, action: () => void): () => void {
  let cancel: (() => void) | undefined;
  const listen = (left: number): void => {
    cancel = startTimer(ms / LISTENING_PARTS, () => {
      if (left > 1) listen(left - 1);
      else action();
    });
  };
  listen(LISTENING_PARTS);
  return () => cancel?.();
}

/** Aborts after `delayMs`; keeps no program from ending. */
export function abortAfter(delayMs: number): AbortSignal {
  return AbortSignal.timeout(checked(delayMs));
}

/** The timers of the machine. */
export const realTimers: TransportTimers = { after: startTimer };

export interface Pause {
  /** True if all of the time passed, false if the pause ended early. */
  readonly over: Promise<boolean>;
  readonly end: () => void;
}

/** Waits `delayMs`; ends early if `signal` aborts, and at once if it has aborted. */
export function startPause(timers: TransportTimers, delayMs: number, signal?: AbortSignal): Pause {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let cancel: (() => void) | undefined;
  const settle = (isWhole: boolean): void => {
    cancel?.();
    signal?.removeEventListener("abort", end);
    resolve(isWhole);
  };
  const end = (): void => settle(false);
  cancel = timers.after(delayMs, () => settle(true));
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted === true) end();
  return { over: promise, end };
}

/** Settles after `delayMs`, or as soon as `signal` aborts. */
export async function pause(
  timers: TransportTimers,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  await startPause(timers, delayMs, signal).over;
}

function checked(ms: number): number {
  assert(ms >= 0 && ms <= LIMITS.timerMsMax, `a timer takes 0 to ${LIMITS.timerMsMax} ms`);
  return ms;
}
