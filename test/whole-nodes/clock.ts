/**
 * Virtual time for real nodes. What a node does between two of its waits are microtasks and turns of `setImmediate`
 * alone, in an order that is always the same: so an event is over when no turn is asked for any more.
 */
import { EventQueue } from "../simulation/event-queue.ts";

export class Clock {
  readonly #events: EventQueue;
  /** False after an event that did nothing, such as a timer that was cancelled. */
  #acted = false;

  constructor(start: number) {
    this.#events = new EventQueue(start);
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#events.now;
  }

  /** Calls `action` once; the answer cancels it. */
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

/** Everything that can go on without time going on has happened. */
async function settle(): Promise<void> {
  do await new Promise(setImmediate);
  while (process.getActiveResourcesInfo().includes("Immediate"));
}
