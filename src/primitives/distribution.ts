/** Counts values by upper bounds, for histograms that are read now and then. An observation costs a short search. */

export class Distribution {
  /** Ascending; a value above the last bound counts only in the total. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length).fill(0);
  }

  /** Of all values. */
  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    this.#count += 1;
    this.#sum += value;
    for (let place = 0; place < this.bounds.length; place++) {
      if (value > (this.bounds[place] ?? 0)) continue;
      this.#counts[place] = (this.#counts[place] ?? 0) + 1;
      return;
    }
  }

  /** The number of values at or below each bound. */
  get cumulative(): number[] {
    let sum = 0;
    return this.#counts.map((count) => {
      sum += count;
      return sum;
    });
  }
}
