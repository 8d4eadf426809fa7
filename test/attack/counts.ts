/** Counts of the actions of an attack so far. */
import type { Tally } from "./attack.ts";

export class Counts {
  readonly #counts = new Map<string, number>();

  add(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }

  get tally(): Tally {
    return Object.fromEntries(this.#counts);
  }
}
