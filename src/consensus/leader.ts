/** Leaders that are silent (R5): their turn is not waited for. */
import type { ValidatorIndex } from "../primitives/numbers.ts";

export class LeaderWatch {
  readonly #validators: number;
  /** Counts the views this process took part in; the one it starts in is the first. */
  #turn = 1;
  /** The turn in which something of a validator was last seen. At the start nobody is known to be silent. */
  readonly #heard: number[];

  constructor(validators: number) {
    this.#validators = validators;
    this.#heard = new Array<number>(validators).fill(1);
  }

  enteredView(): void {
    this.#turn += 1;
  }

  /** A vote or proposal of `validator` was seen, alone or inside a certificate. */
  hear(validator: ValidatorIndex): void {
    this.#heard[validator] = this.#turn;
  }

  /** True if nothing of `validator` was seen in the last n whole views. */
  isSilent(validator: ValidatorIndex): boolean {
    return this.#turn - (this.#heard[validator] ?? 0) > this.#validators;
  }
}
