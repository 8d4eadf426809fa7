/** The parts of a command, and its failures: one clear line for people, an exit code for scripts. */
import type { Terminal } from "./terminal.ts";

/** Exit codes that scripts can rely on. The help lists them. */
export const EXIT = {
  ok: 0,
  /** The command ran and its answer is no, or it could not do its work. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The network ordered the operation and declined it, certified. */
  declined: 3,
  /** The node refused: nothing was ordered. */
  refused: 4,
  /** The operation may or may not be ordered. The message holds the command that continues it. */
  unknown: 5,
  /** The node's journal lacks what the node has said: `countersign rejoin`. */
  amnesiac: 6,
  /** Payments settle, but the network tolerates fewer failures than it promises. */
  reduced: 7,
  /** The payment is final and stands, but lacks the seal that --wait sealed asks for. Do not pay again. */
  unsealed: 8,
  /** `countersign doctor` found nothing that stops the node, and something that has to be done. */
  warned: 9,
  /** The network has rules that this version of the software does not know: install a later one. */
  outdated: 10,
  /** The command ran, and its answer cannot be written; EX_IOERR of sysexits.h. */
  output: 74,
} as const;

/** A mistake of the user or of the environment. Only its message is printed, no stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;
  /** Added to the message in JSON output. */
  readonly details: Readonly<Record<string, string>>;

  /** `message` says what happened, why, and what to do about it. */
  constructor(
    message: string,
    exitCode: number = EXIT.failed,
    details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}

/** A flag takes no value; a text takes one, named by `value` in the help. */
export type Option =
  | { readonly kind: "flag"; readonly summary: string }
  | {
      readonly kind: "text";
      readonly value: string;
      readonly summary: string;
      readonly fallback?: string;
      readonly choices?: readonly string[];
    };

export type Options = Readonly<Record<string, Option>>;

/** An argument without dashes. Operands are read in order. */
export interface Operand {
  /** As shown in the help, such as FILE. */
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  /** True for a last operand that may be given several times. */
  readonly repeated?: boolean;
}

export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { kind: "flag" }
    ? boolean
    : O[K] extends { fallback: string }
      ? string
      : string | undefined;
};

export interface Arguments<O extends Options> {
  readonly values: Values<O>;
  readonly operands: readonly string[];
}

/** The definition that `defineCommand` turns into a command. */
export interface CommandDefinition<O extends Options> {
  /** Words that select it, as in "receipt verify". */
  readonly name: string;
  /** A complete example on one line, for the command's own help. */
  readonly example: string;
  /** Further text for the command's own help. */
  readonly details?: string;
  readonly operands: readonly Operand[];
  readonly options: O;
  /** Resolves to the exit code. */
  readonly run: (args: Arguments<O>, terminal: Terminal) => Promise<number>;
}

export interface Command extends Omit<CommandDefinition<Options>, "run"> {
  /** Runs with the arguments that follow the name. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}
