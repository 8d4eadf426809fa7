/**
 * The states after the last committed blocks, from which proofs are made: a seal comes a little after its block. States share
 * structure, so a state costs the pages and branches of the records that its block changed.
 */
import type { State } from "../../ledger/state.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { ExecutedBlock } from "./application.ts";

/** Changed records in all states that are kept, some four kilobytes each with page and branches; the newest state is always kept. */
const CHANGES_MAX = 20_000;

interface Kept {
  readonly state: State;
  readonly changes: number;
}

export class RecentStates {
  /** The oldest first. */
  readonly #kept = new Map<Height, Kept>();
  #changes = 0;

  /** The next committed block. */
  remember({ execution }: Pick<ExecutedBlock, "execution">): void {
    const { state, touched } = execution;
    this.#kept.set(state.height, { state, changes: touched.length });
    this.#changes += touched.length;
    for (const [height, { changes }] of this.#kept) {
      const isRoom = this.#changes <= CHANGES_MAX && this.#kept.size <= LIMITS.provenStatesMax;
      if (isRoom || this.#kept.size === 1) return;
      this.#kept.delete(height);
      this.#changes -= changes;
    }
  }

  at(height: number): State | undefined {
    return this.#kept.get(height as Height)?.state;
  }

  /** The lowest height whose state is kept. */
  get lowest(): Height | undefined {
    return this.#kept.keys().next().value;
  }
}
