/** Splits long work into pieces: other work has its turn after each, so that no link times out meanwhile. */
import { setImmediate } from "node:timers/promises";

/** Settles when all other work that waits for the thread has had its turn. */
export const yieldToOthers = (): Promise<void> => setImmediate();

export class Yielder {
  readonly #perTurn: number;
  #done = 0;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /**
   * Counts `work` units, done or about to be done. Once enough have added up, lets other work have a turn before it
   * settles.
   */
  async count(work: number): Promise<void> {
    this.#done += work;
    if (this.#done < this.#perTurn) return;
    this.#done = 0;
    await yieldToOthers();
  }
}
