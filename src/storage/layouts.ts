/**
 * The layouts of records that this version reads, and the steps between them. A change of the layout appends a step,
 * after a store of the old layout has been committed as a fixture (test/storage/fixtures).
 */
import type { MigrationStep } from "./migration.ts";
import { STATEMENTS } from "./statement-step.ts";

export interface Layouts {
  /** The oldest layout that is upgraded. */
  readonly oldest: number;
  /** The first step leads from the oldest layout to the next one, and the last step to the present layout. */
  readonly steps: readonly MigrationStep[];
}

/** An older version, which lets every caller do everything, must not open a store that has tokens and owners. */
const ACCESS: MigrationStep = {
  name: "records of tokens, and of the owners of custodial wallets",
  growth: 0,
  async *batches() {
    // No record that is there changes.
  },
};

export const LAYOUTS: Layouts = { oldest: 5, steps: [ACCESS, STATEMENTS] };

/** The layout that this version writes. */
export function presentLayout({ oldest, steps }: Layouts): number {
  return oldest + steps.length;
}
