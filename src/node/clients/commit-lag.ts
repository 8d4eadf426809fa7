/** Delays answers of a gateway that lags: in a moment it may have a newer state, and another answer. */
import type { Core } from "../../consensus/core.ts";
import { height } from "../../primitives/numbers.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Waiters } from "./waiters.ts";

export interface CommitLagParts {
  readonly consensus: { readonly core: Pick<Core, "status"> };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly waiters: Pick<Waiters, "height">;
  readonly system: Pick<System, "after">;
}

/** The longest wait. */
const CATCH_UP_MS = 1_000;

export class CommitLag {
  readonly #parts: CommitLagParts;

  constructor(parts: CommitLagParts) {
    this.#parts = parts;
  }

  /** Settles when this node has committed every block that it knows to be final, or after `CATCH_UP_MS` at the latest. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    const { consensus, finalizer, waiters, system } = this.#parts;
    const { knownFinalHeight, working } = consensus.core.status();
    const behind = knownFinalHeight > finalizer.committed.state.height;
    if (!behind && !working) return;
    const wanted = behind ? knownFinalHeight : knownFinalHeight + 1;
    const reached = (limit: AbortSignal) => waiters.height("final", height(wanted), limit);
    await withTimeLimit(system, CATCH_UP_MS, reached, signal);
  }
}
