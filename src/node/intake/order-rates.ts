/**
 * Rates of operations that cost clients nothing and cost every node work in a block (T9): each kind has a rate for
 * all clients of this node together, which they share.
 */
import type { PoolKind } from "../../mempool/kinds.ts";
import type { UnpaidKind, unpaidOfClients } from "../../primitives/member-shares.ts";
import { FairRate } from "./fair-rate.ts";

/** The kind that came too fast, and the milliseconds until the next one is accepted. */
export interface TooFast {
  readonly kind: "tooFast";
  readonly of: UnpaidKind;
  readonly waitMs: number;
}

export class OrderRates {
  readonly #rates: Readonly<Record<UnpaidKind, FairRate>>;

  constructor({ sponsored, uncovered }: ReturnType<typeof unpaidOfClients>, now: number) {
    this.#rates = {
      sponsored: new FairRate(sponsored, now),
      uncovered: new FairRate(uncovered, now),
    };
  }

  /** Counts one of this kind for a caller; undefined if it is within the rate. */
  take(kind: PoolKind, caller: string, now: number): TooFast | undefined {
    if (kind !== "sponsored" && kind !== "uncovered") return undefined;
    const taken = this.#rates[kind].take(caller, now);
    return taken === "taken" ? undefined : { kind: "tooFast", of: kind, waitMs: taken };
  }

  /** The answer that `take` would give for one of this kind; counts nothing. */
  wouldBe(kind: UnpaidKind, caller: string, now: number): TooFast | undefined {
    const waitMs = this.#rates[kind].waitMs(caller, now);
    return waitMs === undefined ? undefined : { kind: "tooFast", of: kind, waitMs };
  }
}
