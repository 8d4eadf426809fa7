/** The form of the rows that every-command.test.ts tests, and what many of them share. */

/** Command lines without the command's name; $HOME, $PORT and $WALLET are filled in. */
export interface Lines {
  /** Wrong values, each with the expected message; exit code 2. */
  readonly bad: Readonly<Record<string, RegExp>>;
  /** Command lines without a required value; exit code 2. */
  readonly missing: Readonly<Record<string, RegExp>>;
  /** Failures caused by the environment, each with the expected message; exit code 1. */
  readonly fails?: readonly [string, RegExp];
  /** A command line that succeeds without a network. test/e2e covers the others. */
  readonly succeeds?: string;
}

export const NEEDS_CONFIG = {
  "": /--config FILE is missing; name the node's configuration file/,
};
