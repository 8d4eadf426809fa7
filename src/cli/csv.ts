/** Lines of CSV (RFC 4180, but lines end with LF), each ended by the writer. */
import { printable } from "../primitives/printable.ts";

/** Spreadsheets take a text that begins with one of these for a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;
/**
 * Where a semicolon is the separator, a cell begins after one, also between quotes that do not begin that cell. A reader
 * may then take off quotes and spaces.
 */
const FORMULA_INSIDE = /;(?=["\s]*[=+\-@])/g;
const QUOTED = /[",\r\n]/;

export function csvLine(cells: readonly string[]): string {
  return cells.map(quoted).join(",");
}

/** A text from outside as a cell: no character steers a terminal or ends the line, and no spreadsheet computes it. */
export function outsideText(text: string): string {
  const shown = printable(text).replace(FORMULA_INSIDE, ";'");
  return FORMULA.test(text) ? `'${shown}` : shown;
}

function quoted(cell: string): string {
  return QUOTED.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
