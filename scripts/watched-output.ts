/** Standard output of a program that prints as it goes: notices a failed write, and does not cut the program short. */
import { EXIT } from "../src/cli/command.ts";
import { isReaderGone } from "../src/cli/output.ts";

/**
 * A reader that leaves is not a failure. Any other failure is reported once, and becomes the exit code of a program
 * that would otherwise succeed.
 */
export function watchOutput(program: string): void {
  process.stderr.on("error", () => {
    // If standard error fails too, nothing can be reported.
  });
  let isTold = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (isTold || isReaderGone(error)) return;
    isTold = true;
    process.stderr.write(`${program}: standard output cannot be written (${error.message})\n`);
    process.on("exit", (code) => {
      if (code === 0) process.exitCode = EXIT.output;
    });
  });
}
