/** Aligns rows in columns. Text in a cell cannot break the columns. */
import { printable } from "../primitives/printable.ts";

export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [heads, ...rows.map((row) => row.map(printable))];
  const widths = heads.map((_, column) => {
    return Math.max(...all.map((row) => row[column]?.length ?? 0));
  });
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
