/** Waits for the seal of a final result, as long as one can come, and says why there is none (S1). */
import type { LedgerContext } from "../../ledger/context.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { Receipt } from "../../primitives/receipt.ts";
import type { Unsealed } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { SealOutlook } from "../sealing/seal-outlook.ts";
import { keylessBecause } from "./shortfalls.ts";
import type { Waiters } from "./waiters.ts";

export interface SealWaitParts {
  readonly context: LedgerContext;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly sealing: { readonly outlook: SealOutlook };
  readonly waiters: Pick<Waiters, "height" | "isFull">;
  readonly system: Pick<System, "after">;
}

/**
 * The wait if too few share holders are connected: a cut link may come back, and other nodes may have more links and
 * send the seal.
 */
const HOPE_MS = 1_000;

export class SealWait {
  readonly #parts: SealWaitParts;

  constructor(parts: SealWaitParts) {
    this.#parts = parts;
  }

  /** Settles when a seal covers `height`, when `signal` aborts, or when no seal can come. */
  async covered(height: Height, signal: AbortSignal): Promise<void> {
    const { waiters, system } = this.#parts;
    let isOver = this.#hopeless()?.reason === "noGroupKey";
    while (!isOver) {
      const isRoom = !waiters.isFull;
      const end = await withTimeLimit(
        system,
        HOPE_MS,
        (limit) => waiters.height("sealed", height, limit),
        signal,
      );
      isOver = end === "reached" || !isRoom || signal.aborted || this.#hopeless() !== undefined;
    }
  }

  /** The reason why a receipt carries no seal; undefined if it does. */
  unsealed({ proof }: Receipt): Unsealed | undefined {
    if (proof.kind === "sealed") return undefined;
    return this.#hopeless() ?? { reason: "notYet", message: "the seal is being made" };
  }

  /** The reason why no seal can come, as far as this node sees; undefined if one can. */
  #hopeless(): Unsealed | undefined {
    const { context, finalizer, sealing } = this.#parts;
    const { state } = finalizer.committed;
    const keyless = keylessBecause(context, state.ceremony);
    if (keyless !== undefined) return { reason: "noGroupKey", message: keyless };
    const { holders, present, margin } = sealing.outlook;
    if (margin === undefined || margin >= 0) return undefined;
    const absent = context.members(state.epoch).flatMap(({ index, id }) => {
      if (present.includes(index)) return [];
      return holders.includes(index) ? [id] : [`${id}, which holds none,`];
    });
    const message =
      `a seal takes ${context.thresholdOf(state.ceremony.epoch)} of those that hold a share of the group key, and ${present.length} ` +
      `can be reached from here: not ${absent.join(" and ")}`.replace(/,$/, "");
    return { reason: "tooFewHolders", message };
  }
}
