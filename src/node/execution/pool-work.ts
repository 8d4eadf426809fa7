/** The work that the pool holds for a branch: operations that it could still order, and those whose window is over (R2). */
import type { Tip } from "../../consensus/ancestry.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { earliestDeadline, latestDeadline } from "../../ledger/window.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { Block } from "../../primitives/block.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Application } from "./application.ts";

/** The operations that the pool holds for a branch, in the form that consensus needs. */
export interface Work {
  /** An operation that the branch could still order. */
  readonly pending: boolean;
  /** Its window is over by the wall clock. */
  readonly overdue: boolean;
  /** So many of these that a block of them need not wait for more (R8). */
  readonly worthABlock: boolean;
  /** The time at which the answer changes by itself, by the wall clock. */
  readonly changesAt: number | undefined;
}

const NOTHING: Work = { pending: false, overdue: false, worthABlock: false, changesAt: undefined };

export interface PoolWorkParts {
  readonly context: LedgerContext;
  readonly pool: Pool;
  readonly application: Application;
}

export class PoolWork {
  readonly #parts: PoolWorkParts;

  constructor(parts: PoolWorkParts) {
    this.#parts = parts;
  }

  assess(branch: Tip, ancestors: readonly Block[], now: number): Work {
    const { context, pool, application } = this.#parts;
    const state = application.stateAfter(branch.hash, ancestors) ?? application.finalState;
    const { timings } = context.genesis;
    const latest = latestDeadline(timings, Math.max(state.time, now));
    pool.follow(application.ladenUpTo(branch.hash));
    const validUntil = pool.firstDeadline(earliestDeadline(timings, state.time));
    if (validUntil === undefined) return NOTHING;
    if (validUntil > latest) {
      // It was admitted when this clock was ahead: no block can hold it, or any other, yet.
      return { ...NOTHING, changesAt: validUntil - timings.lifetimeMsMax };
    }
    const overdue = validUntil < earliestDeadline(timings, now);
    const changesAt = overdue ? undefined : validUntil + timings.graceMs + 1;
    return {
      pending: true,
      overdue,
      worthABlock: pool.waiting >= LIMITS.operationsWorthABlock,
      changesAt,
    };
  }
}
