/**
 * Where a command answers: on standard output its answer, as text for a person or as one JSON value for a program; on
 * standard error what goes on meanwhile. Colour only for a person's terminal, and never with NO_COLOR.
 */
import { styleText } from "node:util";
import { printableJson } from "../primitives/printable.ts";
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

/** Where a command writes; a process's own, or a test's. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

export function createTerminal(json: boolean, { stdout, stderr }: Streams = process): Terminal {
  // Node lets FORCE_COLOR win over NO_COLOR; here whoever wants no colour gets none.
  const { NO_COLOR: noColor = "" } = process.env;
  const isPlain = json || noColor !== "";
  return {
    json,
    answer: ({ value, text }) => {
      stdout.write(json ? `${formatJson(value)}\n` : `${text}\n`);
    },
    note: (line) => {
      stderr.write(`${line}\n`);
    },
    progress: (what) => new Progress(what, stderr),
    style: (style, text) => (isPlain ? text : styleText(style, text, { stream: stdout })),
  };
}

/** One line; amounts and other 64-bit numbers as text, bytes in base64, as the API shows them. */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return inner.toString();
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString("base64");
    return inner;
  });
  return printableJson(text);
}
