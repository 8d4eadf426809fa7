/**
 * Divides the operations of a repetition (R6): a few go to every member, other ones each time, so that all have work and end
 * the view together; the leader that can order next gets the rest too.
 */

/** The most operations in one repetition. */
export const REPEATED_OPERATIONS_MAX = 64;
/** The most of them that go to every member. */
const REPEATED_TO_ALL_MAX = 4;

export class Repetition {
  readonly #toAllMax: number;
  #begin = 0;

  constructor(toAllMax = REPEATED_TO_ALL_MAX) {
    this.#toAllMax = toAllMax;
  }

  /** While `operations` stay the same, each of them has its turn in `toAll`. */
  divide<T>(operations: readonly T[]): { readonly toAll: T[]; readonly rest: T[] } {
    if (operations.length <= this.#toAllMax) return { toAll: [...operations], rest: [] };
    const begin = this.#begin % operations.length;
    this.#begin = begin + this.#toAllMax;
    const turned = [...operations.slice(begin), ...operations.slice(0, begin)];
    return { toAll: turned.slice(0, this.#toAllMax), rest: turned.slice(this.#toAllMax) };
  }
}
