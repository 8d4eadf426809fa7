/** Counts of operations that were taken into the pool, and of those that were not, by where they came from and why. */
import type { Source } from "../../mempool/admission.ts";
import { KeyCounts } from "../../primitives/key-counts.ts";

/** Reasons by which a node refuses orders because it has too many of them, and would take them at another time. */
export const OVERLOAD_REASONS = ["poolFull", "tooFast", "memoryShort"] as const;

export class IntakeFigures {
  readonly admitted = new KeyCounts<Source>();
  /** By reason: the reasons are few, those of the ledger and of the intake. */
  readonly refused: ReadonlyMap<Source, KeyCounts<string>> = new Map([
    ["client", new KeyCounts<string>()],
    ["peer", new KeyCounts<string>()],
  ]);

  refuse(source: Source, reason: string): void {
    this.refused.get(source)?.add(reason);
  }
}
