/** QR codes (ISO/IEC 18004) of short texts, as squares and as characters of a terminal. */
import qrcode from "qrcode-generator";
import { assert } from "../primitives/assert.ts";

/** Rows of squares, true for dark, without the quiet zone around them. */
export type QrSquares = readonly (readonly boolean[])[];

/** A link has 180 characters at most: the code has up to 53 squares a side, and fits a terminal of 62 columns. */
const TEXT_LENGTH_MAX = 200;
/** Light squares around a code, which a reader needs to find it. */
export const QUIET_ZONE = 4;

/** The text is ASCII. Of the code, 15% may be unreadable. */
export function qrSquares(text: string): QrSquares {
  assert(text.length <= TEXT_LENGTH_MAX && /^[\x20-\x7e]*$/.test(text), "a short text of ASCII");
  const code = qrcode(0, "M");
  code.addData(text, "Byte");
  code.make();
  const side = Array.from({ length: code.getModuleCount() }, (_, i) => i);
  return side.map((row) => side.map((column) => code.isDark(row, column)));
}

/** Two rows a line, by half blocks. Light squares are drawn, as on a terminal of dark ground. */
export function qrText(squares: QrSquares): string {
  const size = squares.length + 2 * QUIET_ZONE;
  const isDark = (row: number, column: number) =>
    squares[row - QUIET_ZONE]?.[column - QUIET_ZONE] ?? false;
  const lines = Array.from({ length: Math.ceil(size / 2) }, (_, line) =>
    Array.from({ length: size }, (_, column) => {
      const [upper, lower] = [isDark(2 * line, column), isDark(2 * line + 1, column)];
      if (upper) return lower ? " " : "▄";
      return lower ? "▀" : "█";
    }).join(""),
  );
  return lines.join("\n");
}
