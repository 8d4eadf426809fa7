/**
 * One rate shared by many callers (T9). When little of the burst is left, callers that have used much of it are
 * refused, so that a caller that has used little still gets a token. Tokens that come back are divided evenly.
 */
import type { Rate } from "../../primitives/token-bucket.ts";

/** A caller may use this many times the rest: one caller alone uses three quarters of the burst. */
const USED_TO_LEFT_MAX = 3;
/** The rounding error of sums of fractions is smaller. */
const NOTHING = 1e-9;

export class FairRate {
  readonly #rate: Rate;
  /**
   * Tokens that each caller has used and that have not come back. Their sum is at most the burst, so the size is
   * bounded.
   */
  readonly #used = new Map<string, number>();
  #at: number;

  /** Full at `now`, milliseconds. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#at = now;
  }

  /** The remembered callers. */
  get size(): number {
    return this.#used.size;
  }

  /** Takes one token for this caller; otherwise the milliseconds until it may ask again. */
  take(caller: string, now: number): "taken" | number {
    const waitMs = this.waitMs(caller, now);
    if (waitMs !== undefined) return waitMs;
    this.#used.set(caller, (this.#used.get(caller) ?? 0) + 1);
    return "taken";
  }

  /** The milliseconds until this caller may take a token; undefined: it may now. Takes none. */
  waitMs(caller: string, now: number): number | undefined {
    this.#giveBack(now);
    const own = this.#used.get(caller) ?? 0;
    const left = this.#left;
    const tooMuch = own + 1 - USED_TO_LEFT_MAX * left;
    const missing = 1 - left;
    if (tooMuch <= NOTHING && missing <= NOTHING) return undefined;
    const { perSecond } = this.#rate;
    const ownPerSecond = own > 0 ? perSecond / this.#used.size : 0;
    const seconds = Math.max(
      tooMuch / (ownPerSecond + USED_TO_LEFT_MAX * perSecond),
      missing / perSecond,
    );
    return Math.max(1, Math.ceil(seconds * 1000));
  }

  get #left(): number {
    let left = this.#rate.burst;
    for (const used of this.#used.values()) left -= used;
    return left;
  }

  /** Divided evenly; the part that a caller does not need goes to the others. */
  #giveBack(now: number): void {
    let back = (Math.max(0, now - this.#at) * this.#rate.perSecond) / 1000;
    this.#at = now;
    while (back > NOTHING && this.#used.size > 0) {
      const part = back / this.#used.size;
      for (const [caller, used] of this.#used) {
        const given = Math.min(used, part);
        back -= given;
        if (used - given <= NOTHING) this.#used.delete(caller);
        else this.#used.set(caller, used - given);
      }
    }
  }
}
