// Cells of CSV: quotes, and texts of strangers that a spreadsheet or a terminal would obey.
import { expect, it } from "vitest";
import { csvLine, outsideText } from "../../src/cli/csv.ts";

it("quotes what a reader would take for the end of a cell or of a line", () => {
  expect(csvLine(["a", 'b "c"', "d,e", "f\ng", ""])).toBe('a,"b ""c""","d,e","f\ng",');
});

it.each([
  ["rent, December", "rent, December"],
  ["=1+1", "'=1+1"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\\u{9}=1"],
  ["a\u001b[2J", "a\\u{1b}[2J"],
  ["a\r\nb", "a\\u{d}\\u{a}b"],
  ["Übung 7", "Übung 7"],
  [";=1+1", ";'=1+1"],
  ["rent;+1;-1;@A1", "rent;'+1;'-1;'@A1"],
  ['a;"=1"', 'a;\'"=1"'],
  ["a; =1", "a;' =1"],
  ["a;;=1", "a;;'=1"],
  ["=1;=1", "'=1;'=1"],
  ["a;\t=1", "a;\\u{9}=1"],
  ["rent; water; 7", "rent; water; 7"],
])("shows %j so that nothing obeys it", (text, shown) => {
  expect(outsideText(text)).toBe(shown);
});
