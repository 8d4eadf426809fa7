/**
 * Remembers which gateways failed, and for how long they are asked last: twice as long after each failure in a row. Pure: its caller
 * passes in the time.
 */

interface Standing {
  failures: number;
  /** Of the caller's clock; 0 for a gateway that answered last. */
  restsUntil: number;
}

/** The first and the longest rest of a gateway that does not answer, milliseconds. */
const REST_MS = { first: 500, longest: 30_000 } as const;
/** The rest of one that was caught in a lie, milliseconds. */
const LIAR_REST_MS = 600_000;

export class GatewayHealth {
  readonly #standings: readonly Standing[];
  /** The gateway that answered last is asked first: its connection is open. */
  #preferred: number;

  /** Many clients should not all prefer the same gateway: `preferred` is drawn by the caller. */
  constructor(count: number, preferred: number) {
    this.#standings = Array.from({ length: count }, () => ({ failures: 0, restsUntil: 0 }));
    this.#preferred = preferred;
  }

  /** All of them, in the order in which to ask: those at rest last, the one whose rest ends first before the others. */
  order(now: number): readonly number[] {
    const count = this.#standings.length;
    const turn = (index: number): number => (index - this.#preferred + count) % count;
    const rest = (index: number): number => {
      const { restsUntil } = this.#standings[index] ?? { restsUntil: 0 };
      return restsUntil > now ? restsUntil : 0;
    };
    return Array.from({ length: count }, (_, index) => index).toSorted(
      (a, b) => rest(a) - rest(b) || turn(a) - turn(b),
    );
  }

  answered(index: number): void {
    this.#preferred = index;
    this.#set(index, { failures: 0, restsUntil: 0 });
  }

  failed(index: number, now: number): void {
    const failures = (this.#standings[index]?.failures ?? 0) + 1;
    const restMs = Math.min(REST_MS.first * 2 ** Math.min(failures - 1, 10), REST_MS.longest);
    this.#set(index, { failures, restsUntil: now + restMs });
  }

  lied(index: number, now: number): void {
    const failures = (this.#standings[index]?.failures ?? 0) + 1;
    this.#set(index, { failures, restsUntil: now + LIAR_REST_MS });
  }

  #set(index: number, { failures, restsUntil }: Standing): void {
    const standing = this.#standings[index];
    if (standing === undefined) throw new RangeError(`there is no gateway ${index}`);
    standing.failures = failures;
    // A lie is not forgotten because a later call found the gateway dead.
    standing.restsUntil = restsUntil === 0 ? 0 : Math.max(restsUntil, standing.restsUntil);
  }
}
