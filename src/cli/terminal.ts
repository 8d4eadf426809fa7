/**
 * The output of a command: its answer on standard output, as text for people or as one JSON value for programs, and
 * its progress on standard error. Colour is used only on a terminal, and never with NO_COLOR.
 */
import { styleText } from "node:util";
import { toHex } from "../primitives/bytes.ts";
import { printableJson } from "../primitives/printable.ts";
import { TerminalOutput } from "./output.ts";
import { isTerminal, ProgressLine } from "./progress.ts";

/** ECMA-48: the cursor to the first place; erase from it to the end of the line, and of the screen. */
const HOME = "\u001b[H";
const TO_LINE_END = "\u001b[K";
const TO_SCREEN_END = "\u001b[J";

export type Style = "bold" | "dim" | "green" | "red" | "yellow";

/** The same answer for programs and for people. */
export interface CommandAnswer {
  readonly value: unknown;
  readonly text: string;
}

export interface Terminal {
  /** True if the answer is to be JSON. */
  readonly json: boolean;
  /** Writes an answer. The command line reports a failed write after the command has ended. */
  readonly answer: (answer: CommandAnswer) => void;
  /** Writes one line as it stands, with `--json` too. */
  readonly line: (text: string) => void;
  /** Shows the text in place of all that the terminal shows; undefined if the answer does not go to one. */
  readonly redraw: ((text: string) => void) | undefined;
  /** Resolves when all lines so far are with the system, or cannot be written. */
  readonly written: () => Promise<void>;
  /** Calls back once with the reason if answers cannot be written, for commands that keep running. */
  readonly onAnswerLost: (tell: (failure: NodeJS.ErrnoException) => void) => void;
  /** A line about progress, not part of the answer. */
  readonly note: (line: string) => void;
  /** For work that may take more than a second. */
  readonly progress: (what: string) => ProgressLine;
  /** The same for a command that writes its answer line by line: on a terminal that those lines do not go to, or not at all. */
  readonly progressBeside: (what: string) => ProgressLine | undefined;
  readonly style: (style: Style, text: string) => string;
}

/** The streams that a command writes to: those of the process, or those of a test. */
export interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** The two streams of one command line, with failures noted. */
export interface Outputs {
  readonly streams: Streams;
  readonly answers: TerminalOutput;
  /** A failure of standard error cannot be reported anywhere. */
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
  // Node lets FORCE_COLOR override NO_COLOR. Here NO_COLOR always wins.
  const { NO_COLOR: noColor = "" } = process.env;
  const isPlain = json || noColor !== "";
  return {
    json,
    answer: ({ value, text }) => answers.write(json ? `${formatJson(value)}\n` : `${text}\n`),
    line: (text) => answers.write(`${text}\n`),
    redraw:
      json || !isTerminal(streams.stdout)
        ? undefined
        : (text) =>
            answers.write(`${HOME}${text.replaceAll("\n", `${TO_LINE_END}\n`)}${TO_SCREEN_END}\n`),
    written: () => answers.written(),
    onAnswerLost: (tell) => answers.onFailure(tell),
    note: (line) => notes.write(`${line}\n`),
    progress: (what) => new ProgressLine(what, streams.stderr),
    progressBeside: (what) => {
      const isBeside = isTerminal(streams.stderr) && !isTerminal(streams.stdout);
      return isBeside ? new ProgressLine(what, streams.stderr) : undefined;
    },
    style: (style, text) => (isPlain ? text : styleText(style, text, { stream: streams.stdout })),
  };
}

/**
 * One line. 64-bit numbers are text and bytes are hexadecimal, the form that people compare. An answer of the API is
 * printed as its JSON, where bytes are base64.
 */
export function formatJson(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return inner.toString();
    if (inner instanceof Uint8Array) return toHex(inner);
    return inner;
  });
  return printableJson(text);
}
