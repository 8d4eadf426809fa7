/**
 * The pause between two attempts to reach a peer: doubled after each, until one lasted. A peer that calls in the
 * meantime is there, so its call ends the pause. A hostile peer that only calls does not make this node dial in a loop:
 * after one call that counted, the next counts when a longest pause has passed, or a connection has lasted.
 */
import type { TransportTimers } from "./ports.ts";

/** Milliseconds between two attempts; doubled after each that failed. */
export interface BackoffRange {
  readonly minMs: number;
  readonly maxMs: number;
}

export class Backoff {
  readonly #backoff: BackoffRange;
  readonly #timers: TransportTimers;
  #nextMs: number;
  #mayHurry = true;
  #end: (() => void) | undefined;

  constructor(backoff: BackoffRange, timers: TransportTimers) {
    this.#backoff = backoff;
    this.#timers = timers;
    this.#nextMs = backoff.minMs;
  }

  /** An attempt led to something that lasted: the next pause is the shortest. */
  restart(): void {
    this.#nextMs = this.#backoff.minMs;
    this.#mayHurry = true;
  }

  /** The peer was heard from: the pause that is running ends, or the next one is the shortest. */
  hurry(): void {
    if (!this.#mayHurry) return;
    this.#mayHurry = false;
    this.#nextMs = this.#backoff.minMs;
    this.#end?.();
  }

  /** Settles when the next attempt is due, or at once when `signal` is aborted. One at a time. */
  wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { maxMs } = this.#backoff;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(delayMs * 2, maxMs);
    return new Promise((resolve) => {
      const settle = (): void => {
        signal.removeEventListener("abort", cut);
        this.#end = undefined;
        resolve();
      };
      const cancel = this.#timers.after(delayMs, () => {
        if (delayMs === maxMs) this.#mayHurry = true;
        settle();
      });
      const cut = (): void => {
        cancel();
        settle();
      };
      this.#end = cut;
      signal.addEventListener("abort", cut, { once: true });
    });
  }
}
