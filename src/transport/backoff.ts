/**
 * The pause between two attempts to reach a peer: it doubles after each attempt until a connection has lasted. A call
 * from the peer ends the pause, because the peer is then up. A hostile peer that only calls does not make this node
 * dial in a loop: after one call that ended a pause, the next counts only after a longest pause, or after a
 * connection that lasted.
 */
import { startPause, type TransportTimers } from "./timers.ts";

/** Milliseconds between two attempts; doubled after each that failed. */
export interface BackoffRange {
  readonly minMs: number;
  readonly maxMs: number;
}

export class Backoff {
  readonly #range: BackoffRange;
  readonly #timers: TransportTimers;
  #nextMs: number;
  #mayHurry = true;
  #end: (() => void) | undefined;

  constructor(range: BackoffRange, timers: TransportTimers) {
    this.#range = range;
    this.#timers = timers;
    this.#nextMs = range.minMs;
  }

  /** A connection lasted: the next pause is the shortest. */
  restart(): void {
    this.#nextMs = this.#range.minMs;
    this.#mayHurry = true;
  }

  /** The peer was heard from: ends the running pause, or makes the next one the shortest. */
  hurry(): void {
    if (!this.#mayHurry) return;
    this.#mayHurry = false;
    this.#nextMs = this.#range.minMs;
    this.#end?.();
  }

  /** Settles when the next attempt is due, or at once when `signal` aborts. One wait at a time. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { maxMs } = this.#range;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(delayMs * 2, maxMs);
    const pause = startPause(this.#timers, delayMs, signal);
    this.#end = pause.end;
    const isWhole = await pause.over;
    this.#end = undefined;
    if (isWhole && delayMs === maxMs) this.#mayHurry = true;
  }
}
