/**
 * Rates of operations that cost clients nothing and cost every node work in a block (T9): each kind has a rate for
 * all clients of this node together.
 */
import type { PoolKind } from "../../mempool/kinds.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { TokenBucket } from "../../primitives/token-bucket.ts";

export type LimitedKind = keyof typeof LIMITS.unpaidOfClients;

/** The kind that came too fast, and the milliseconds until the next one is accepted. */
export interface TooFast {
  readonly kind: "tooFast";
  readonly of: LimitedKind;
  readonly waitMs: number;
}

export class OrderRates {
  readonly #rates: Readonly<Record<LimitedKind, TokenBucket>>;

  constructor(now: number) {
    const { sponsored, uncovered } = LIMITS.unpaidOfClients;
    this.#rates = {
      sponsored: new TokenBucket(sponsored, now),
      uncovered: new TokenBucket(uncovered, now),
    };
  }

  /** Counts one of this kind; undefined if it is within the rate. */
  take(kind: PoolKind, now: number): TooFast | undefined {
    if (kind !== "sponsored" && kind !== "uncovered") return undefined;
    const rate = this.#rates[kind];
    if (rate.take(1, now)) return undefined;
    return { kind: "tooFast", of: kind, waitMs: Math.max(1, rate.waitMs(1)) };
  }
}
