/**
 * Where a command answers: on standard output its answer, as text for a person or as one JSON value for a program; on
 * standard error what goes on meanwhile. Colour only for a person's terminal, and never with NO_COLOR.
 */
import { styleText } from "node:util";
import { Progress } from "./progress.ts";

export type Style = "bold" | "dim" | "green" | "red" | "yellow";

/** The same thing for a program and for a person. */
export interface Answer {
  readonly value: unknown;
  readonly text: string;
}

export interface Terminal {
  /** The answer is wanted as JSON. */
  readonly json: boolean;
  /** The answer, or one of several. */
  readonly answer: (answer: Answer) => void;
  /** A line about what goes on; not part of the answer. */
  readonly note: (line: string) => void;
  /** For work that may take more than a second. */
  readonly progress: (what: string) => Progress;
  readonly style: (style: Style, text: string) => string;
}

export function createTerminal(json: boolean): Terminal {
  return {
    json,
    answer: ({ value, text }) => {
      process.stdout.write(json ? `${formatJson(value)}\n` : `${text}\n`);
    },
    note: (line) => {
      process.stderr.write(`${line}\n`);
    },
    progress: (what) => new Progress(what, process.stderr),
    style: (style, text) => (json ? text : styleText(style, text, { stream: process.stdout })),
  };
}

/** One line; amounts and other 64-bit numbers as text, bytes in base64, as the API shows them. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return inner.toString();
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString("base64");
    return inner;
  });
}
