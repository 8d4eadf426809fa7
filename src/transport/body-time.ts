/** The time that a request has to bring its body. Nothing else ends a request that brings its headers and half a body. */
import { startTimer } from "./timers.ts";

export class BodyTime {
  readonly #stop: () => void;
  #isOver = false;
  #whenOver: (() => void) | undefined;

  /** `late` is called if the time is over before `end`. */
  constructor(limitMs: number, late: () => void) {
    this.#stop = startTimer(limitMs, () => {
      this.#isOver = true;
      late();
      this.#whenOver?.();
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls `action` when the time is over; of several, only the last one. Undefined: nothing. */
  whenOver(action: (() => void) | undefined): void {
    this.#whenOver = action;
  }

  end(): void {
    this.#stop();
  }
}
