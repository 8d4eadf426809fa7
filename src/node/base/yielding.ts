/** Long work in pieces: other work has its turn after each, so that no link times out meanwhile. */
import { setImmediate } from "node:timers/promises";

/** Settles when all else that waits for the thread has had its turn. */
export const yieldToOthers = (): Promise<void> => setImmediate();

export class Yielder {
  readonly #perTurn: number;
  #done = 0;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** Counts `work` that was done or is about to be; settles after others had a turn if that is much by now. */
  async count(work: number): Promise<void> {
    this.#done += work;
    if (this.#done < this.#perTurn) return;
    this.#done = 0;
    await yieldToOthers();
  }
}
