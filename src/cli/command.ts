/** What a command is, and how it fails: one clear line for the person, an exit code for the script. */

/** A mistake of the person or of the surroundings; its message is the whole of what is printed. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const EXIT = {
  ok: 0,
  /** The command ran and its answer is no, or it could not do its work. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
} as const;

export interface Command {
  /** Words that select it, as in "receipt verify". */
  readonly name: string;
  /** Its arguments, as shown in the help. */
  readonly synopsis: string;
  readonly summary: string;
  /** Runs with what follows the name; resolves to the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}
