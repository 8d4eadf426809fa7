/** Payments that wait to be sent: in the order in which they came, but those that rest come again when their time is over. */
import type { OperationId } from "../primitives/ids.ts";
import { startTimer } from "../transport/timers.ts";

export class PaymentQueue {
  readonly #ready = new Set<OperationId>();
  readonly #resting = new Map<OperationId, () => void>();
  #onReady: (() => void)[] = [];

  add(id: OperationId): void {
    this.#wake(id);
    this.#ready.add(id);
    for (const tell of this.#onReady.splice(0)) tell();
  }

  rest(id: OperationId, ms: number): void {
    this.remove(id);
    this.#resting.set(
      id,
      startTimer(ms, () => this.add(id)),
    );
  }

  remove(id: OperationId): void {
    this.#wake(id);
    this.#ready.delete(id);
  }

  take(): OperationId | undefined {
    for (const id of this.#ready) {
      this.#ready.delete(id);
      return id;
    }
    return undefined;
  }

  /** Settles with true when there is one to take; with false after `ms`, or when the signal aborts. */
  async untilReady(signal: AbortSignal, ms?: number): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#ready.size > 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const tell = (): void => resolve(true);
    const end = (): void => resolve(false);
    this.#onReady.push(tell);
    const stop = ms === undefined ? () => undefined : startTimer(ms, end);
    signal.addEventListener("abort", end, { once: true });
    try {
      return await promise;
    } finally {
      stop();
      signal.removeEventListener("abort", end);
      this.#onReady = this.#onReady.filter((one) => one !== tell);
    }
  }

  /** Ends all rests, so that they keep no program from ending. */
  clear(): void {
    for (const stop of this.#resting.values()) stop();
    this.#resting.clear();
    this.#ready.clear();
  }

  #wake(id: OperationId): void {
    this.#resting.get(id)?.();
    this.#resting.delete(id);
  }
}
