/** Time in the core: the timers of a view, and how long its timeout is (R3, R4). Nothing here reads a clock. */

const NAMES = ["empty", "gossip", "nullify", "repeat", "judge", "retry"] as const;
/**
 * empty: a quarter of the timeout, when an empty block is due. gossip: half of it. nullify: all of it.
 * repeat: votes are sent again. judge: the proposal may be judged again. retry: what is missing is asked for again.
 */
export type TimerName = (typeof NAMES)[number];

export class Timers {
  readonly #due = new Map<TimerName, number>();

  arm(name: TimerName, at: number): void {
    this.#due.set(name, at);
  }

  disarm(...names: readonly TimerName[]): void {
    for (const name of names) this.#due.delete(name);
  }

  /** True once for every timer that has come due; it is then disarmed. */
  take(name: TimerName, now: number): boolean {
    const at = this.#due.get(name);
    if (at === undefined || at > now) return false;
    this.#due.delete(name);
    return true;
  }

  /** When the next one comes due; undefined if none is armed. */
  get next(): number | undefined {
    let earliest: number | undefined;
    for (const at of this.#due.values()) {
      if (earliest === undefined || at < earliest) earliest = at;
    }
    return earliest;
  }
}

/**
 * R4: the timeout doubles after every f + 1 nullified views in a row and while empty blocks chase one another, and
 * falls back at any other finalization.
 */
export class Timeout {
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #patience: number;
  #currentMs: number;
  #nullifiedInRow = 0;

  constructor(bounds: { baseMs: number; capMs: number; faults: number }) {
    this.#baseMs = bounds.baseMs;
    this.#capMs = bounds.capMs;
    this.#patience = bounds.faults + 1;
    this.#currentMs = bounds.baseMs;
  }

  get currentMs(): number {
    return this.#currentMs;
  }

  viewNullified(): void {
    this.#nullifiedInRow += 1;
    if (this.#nullifiedInRow < this.#patience) return;
    this.grow();
  }

  grow(): void {
    this.#nullifiedInRow = 0;
    this.#currentMs = Math.min(this.#currentMs * 2, this.#capMs);
  }

  viewNotarized(): void {
    this.#nullifiedInRow = 0;
  }

  fallBack(): void {
    this.#nullifiedInRow = 0;
    this.#currentMs = this.#baseMs;
  }
}
