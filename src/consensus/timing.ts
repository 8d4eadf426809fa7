/** The timers and the timeout of a view, and the rate of exchanges with each peer (R3, R4, R17, R18). Reads no clock. */
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";

const NAMES = [
  "empty",
  "repeatOperations",
  "nullify",
  "repeatVotes",
  "judge",
  "retry",
  "propose",
] as const;
/**
 * empty: a quarter of the timeout, when an empty block is due. repeatOperations: half of it. nullify: all of it.
 * repeatVotes: votes are sent again. judge: the proposal may be judged again. retry: missing blocks and certificates are
 * requested again. propose: operations were held back long enough.
 */
export type TimerName = (typeof NAMES)[number];

/** The timers that are armed, by name. */
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
 * The timeout follows proposals up to so many times its shortest value. A member that keeps operations from a leader makes all
 * others wait half of their timeout for its proposal, until they send them on; unbounded, each such view would double it.
 */
const FOLLOWED_FACTOR = 4;

/**
 * R4: the timeout doubles after every f + 1 nullified views in a row and while empty blocks pile up, and falls back at
 * any other finalization, as far as the time that proposals take lets it.
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

  /** `leastMs`: what proposals of late need. */
  fallBack(leastMs: number): void {
    this.#nullifiedInRow = 0;
    const followedMs = Math.min(leastMs, FOLLOWED_FACTOR * this.#baseMs);
    this.#currentMs = Math.min(Math.max(this.#baseMs, followedMs), this.#capMs);
  }
}

/** help: certificates for a peer that is behind. ask: a question to a peer ahead. reply: an answer to a question. */
type Exchange = "help" | "ask" | "reply";

interface Allowance {
  since: number;
  used: number;
}

const ALLOWED: Readonly<Record<Exchange, number>> = {
  help: 1,
  ask: 1,
  reply: LIMITS.answersPerIntervalMax,
};

/** Limits exchanges with each peer: enough to help it, too few to be used as an amplifier (R17, R18). */
export class PeerExchanges {
  readonly #intervalMs: number;
  readonly #allowances = new Map<string, Allowance>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** True if one more exchange with `peer` fits into the interval; it then counts. */
  allows(exchange: Exchange, peer: ValidatorIndex, now: number): boolean {
    const key = `${exchange}/${peer}`;
    const allowance = this.#allowances.get(key);
    if (allowance === undefined || now - allowance.since >= this.#intervalMs) {
      this.#allowances.set(key, { since: now, used: 1 });
      return true;
    }
    allowance.used += 1;
    return allowance.used <= ALLOWED[exchange];
  }
}
