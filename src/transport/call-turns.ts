/**
 * Turns of calls that came together: a few begin, then all else that waits for the thread has its turn. Without them all
 * calls that one read of a socket brings would be worked on before the next vote is read (T9).
 */
import { tooManyCalls } from "./call-bounds.ts";
import type { Refusal } from "./refusal.ts";

export interface CallTurnsOptions {
  /** Calls that begin in one turn of the event loop. */
  readonly perTurn: number;
  /** Calls of one caller that may wait for a turn. Each holds its stream, some ten kilobytes. */
  readonly waitingPerCallerMax: number;
}

/** The hint for a caller that has too many calls waiting, milliseconds. */
const RETRY_MS = 500;

export class CallTurns {
  readonly #options: CallTurnsOptions;
  /** Of each caller with calls that wait, in the order in which the callers' next calls begin. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #begun = 0;
  /** The next turn is due. */
  #isDue = false;

  constructor(options: CallTurnsOptions) {
    this.#options = options;
  }

  /**
   * Settles when the call may begin: at once while few have begun in this turn. Callers take turns, and each caller's calls
   * begin in the order they came. Gives the refusal if too many of this caller's calls wait.
   */
  begin(caller: string): Promise<void> | Refusal {
    if (!this.#isDue) this.#plan();
    const { perTurn, waitingPerCallerMax } = this.#options;
    if (this.#begun < perTurn) {
      this.#begun += 1;
      return Promise.resolve();
    }
    const ofCaller = this.#waiting.get(caller) ?? [];
    if (ofCaller.length >= waitingPerCallerMax) {
      return tooManyCalls("too many calls of this caller wait to begin", RETRY_MS);
    }
    this.#waiting.set(caller, ofCaller);
    return new Promise((resolve) => ofCaller.push(resolve));
  }

  #plan(): void {
    this.#isDue = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    const next = this.#take();
    this.#begun = next.length;
    this.#isDue = false;
    if (next.length > 0) this.#plan();
    for (const begin of next) begin();
  }

  #take(): (() => void)[] {
    const taken: (() => void)[] = [];
    for (const [caller, ofCaller] of this.#waiting) {
      if (taken.length === this.#options.perTurn) break;
      // A caller with more comes again after the others.
      this.#waiting.delete(caller);
      const begin = ofCaller.shift();
      if (begin !== undefined) taken.push(begin);
      if (ofCaller.length > 0) this.#waiting.set(caller, ofCaller);
    }
    return taken;
  }
}
