/**
 * Turns of calls that came together: a few begin, then all else that waits for the thread has its turn. Without them all
 * calls that one read of a socket brings would be worked on before the next vote is read (T9).
 */

export class CallTurns {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #begun = 0;
  /** The next turn is due. */
  #isDue = false;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** Settles when the call may begin: at once while few have begun in this turn; in the order they came. */
  begin(): Promise<void> {
    if (!this.#isDue) this.#plan();
    if (this.#begun < this.#perTurn) {
      this.#begun += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #plan(): void {
    this.#isDue = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    const next = this.#waiting.splice(0, this.#perTurn);
    this.#begun = next.length;
    this.#isDue = false;
    if (next.length > 0) this.#plan();
    for (const begin of next) begin();
  }
}
