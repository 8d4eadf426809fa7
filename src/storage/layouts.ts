/**
 * The layouts of records that this version reads, and the steps between them. A change of the layout appends a step;
 * a store of the layout that it replaces is committed before as a fixture (test/storage/fixtures).
 */
import type { MigrationStep } from "./migration.ts";

export interface Layouts {
  /** The oldest layout that is upgraded. */
  readonly oldest: number;
  /** The first leads from the oldest layout to the next one, and so on; the last leads to the present layout. */
  readonly steps: readonly MigrationStep[];
}

export const LAYOUTS: Layouts = { oldest: 5, steps: [] };

/** The layout that is written. */
export function presentLayout({ oldest, steps }: Layouts): number {
  return oldest + steps.length;
}
