/** How often one peer is answered and asked: enough to help it, too little to be used as an amplifier (R17, R18). */
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";

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

export class Correspondence {
  readonly #intervalMs: number;
  readonly #allowances = new Map<string, Allowance>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** True if one more exchange with `peer` fits into the interval; it then counts. */
  may(exchange: Exchange, peer: ValidatorIndex, now: number): boolean {
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
