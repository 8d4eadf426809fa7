/**
 * Virtual time for real nodes. Between two of its waits a node runs only microtasks and turns of `setImmediate`, in a
 * fixed order, so an event is over when no turn is pending.
 */
import { EventQueue } from "../support/world/event-queue.ts";

export class Clock {
  readonly #events: EventQueue;
  /** False for an event that did nothing, such as a cancelled timer. */
  #acted = false;

  constructor(start: number) {
    this.#events = new EventQueue(start);
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#events.now;
  }

  /** Calls `action` once; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void {
    let cancelled = false;
    this.#events.after(Math.ceil(delayMs), () => {
      if (cancelled) return;
      this.#acted = true;
      action();
    });
    return () => {
      cancelled = true;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  async runFor(durationMs: number): Promise<void> {
    const until = this.now + durationMs;
    await settle();
    while (this.#events.runNext(until)) {
      if (!this.#acted) continue;
      this.#acted = false;
      await settle();
    }
    this.#events.runUntil(until);
  }
}

/** Settles when everything that needs no time has happened. */
async function settle(): Promise<void> {
  do await new Promise(setImmediate);
  while (process.getActiveResourcesInfo().includes("Immediate"));
}
