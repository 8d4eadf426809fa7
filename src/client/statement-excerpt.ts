/** The entries of a verified statement within a range of heights, if the statement proves that they are all. */
import type { Height } from "../primitives/numbers.ts";
import type { Carried, VerifiedEntry, VerifiedStatement } from "./statement-verifier.ts";

export interface ExcerptRange {
  /** The first block of the range. */
  readonly from: Height;
  /** The last one. */
  readonly to: Height;
}

/** A range of heights as the statement proves it: all its entries, and the wallet before and after them. */
export interface StatementExcerpt {
  readonly opening: Carried;
  readonly entries: readonly VerifiedEntry[];
  readonly closing: Carried;
}

/** The statement may have left out entries of the range, at its start or at its end. */
export type ExcerptProblem = "beginsLate" | "endsEarly";

/**
 * All entries of the blocks from `from` to `to`. A statement that opens behind other entries proves them only if its first entry
 * is of a block below `from`. One that closes below `to` knows nothing of the blocks between.
 */
export function excerptOf(
  { opening, entries, header }: VerifiedStatement,
  { from, to }: ExcerptRange,
): StatementExcerpt | ExcerptProblem {
  if (to > header.height) return "endsEarly";
  const [first] = entries;
  if (opening.entries > 0 && (first === undefined || first.height >= from)) return "beginsLate";
  const inside = entries.filter(({ height }) => height >= from && height <= to);
  const before = carriedBy(entries.findLast(({ height }) => height < from)) ?? opening;
  return { opening: before, entries: inside, closing: carriedBy(inside.at(-1)) ?? before };
}

function carriedBy(entry: VerifiedEntry | undefined): Carried | undefined {
  return entry && { entries: entry.number, balance: entry.balance };
}
