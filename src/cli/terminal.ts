/**
 * Where a command answers: on standard output its answer, as text for a person or as one JSON value for a program; on
 * standard error what goes on meanwhile. Colour only for a person's terminal, and never with NO_COLOR.
 */
import { styleText } from "node:util";
import { toHex } from "../primitives/bytes.ts";
import { printableJson } from "../primitives/printable.ts";
import { TerminalOutput } from "./output.ts";
import { ProgressLine } from "./progress.ts";

export type Style = "bold" | "dim" | "green" | "red" | "yellow";

/** The same thing for a program and for a person. */
export interface CommandAnswer {
  readonly value: unknown;
  readonly text: string;
}

export interface Terminal {
  /** The answer is wanted as JSON. */
  readonly json: boolean;
  /** The answer, or one of several. A failure to write it is the command line's to tell when the command has ended. */
  readonly answer: (answer: CommandAnswer) => void;
  /** For what goes on running without a reader: told once that answers cannot be written, and why. */
  readonly onAnswerLost: (tell: (failure: NodeJS.ErrnoException) => void) => void;
  /** A line about what goes on; not part of the answer. */
  readonly note: (line: string) => void;
  /** For work that may take more than a second. */
  readonly progress: (what: string) => ProgressLine;
  readonly style: (style: Style, text: string) => string;
}

/** Where a command writes; a process's own, or a test's. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** The two streams of one command line, watched. */
export interface Outputs {
  readonly streams: Streams;
  readonly answers: TerminalOutput;
  /** There is no third place to say that this one fails. */
  readonly notes: TerminalOutput;
}

export function openOutputs(streams: Streams): Outputs {
  return {
    streams,
    answers: new TerminalOutput(streams.stdout),
    notes: new TerminalOutput(streams.stderr),
  };
}

export function createTerminal(json: boolean, { streams, answers, notes }: Outputs): Terminal {
  // Node lets FORCE_COLOR win over NO_COLOR; here NO_COLOR wins.
  const { NO_COLOR: noColor = "" } = process.env;
  const isPlain = json || noColor !== "";
  return {
    json,
    answer: ({ value, text }) => answers.write(json ? `${formatJson(value)}\n` : `${text}\n`),
    onAnswerLost: (tell) => answers.onFailure(tell),
    note: (line) => notes.write(`${line}\n`),
    progress: (what) => new ProgressLine(what, streams.stderr),
    style: (style, text) => (isPlain ? text : styleText(style, text, { stream: streams.stdout })),
  };
}

/**
 * One line; 64-bit numbers as text, bytes in hexadecimal as everywhere people compare them. An answer of the API is its JSON
 * already, where bytes are base64.
 */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return inner.toString();
    if (inner instanceof Uint8Array) return toHex(inner);
    return inner;
  });
  return printableJson(text);
}
