/** CSV (RFC 4180, where lines may end with LF alone): lines to write, each ended by the writer, and whole texts to read. */
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

/** The records of a text, without empty lines, or the number of the line with a quote out of place. */
export function parseCsv(text: string): string[][] | { readonly badLine: number } {
  const records: string[][] = [];
  let record: string[] = [];
  let [cell, line, begunAt] = ["", 1, 1];
  let state: "begun" | "plain" | "quoted" | "closed" = "begun";
  for (const char of `${text.replaceAll("\r\n", "\n")}\n`) {
    if (state === "quoted") {
      if (char === '"') state = "closed";
      else cell += char;
    } else if (state === "closed" && char === '"') {
      cell += char;
      state = "quoted";
    } else if (char === "," || char === "\n") {
      record.push(cell);
      [cell, state] = ["", "begun"];
      if (char === "\n") {
        if (record.some((one) => one !== "")) records.push(record);
        record = [];
      }
    } else if (state === "begun" && char === '"') {
      [state, begunAt] = ["quoted", line];
    } else if (state === "closed" || char === '"') {
      return { badLine: line };
    } else {
      cell += char;
      state = "plain";
    }
    if (char === "\n") line += 1;
  }
  return state === "quoted" ? { badLine: begunAt } : records;
}
