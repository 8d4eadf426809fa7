/** Standard output of a program that prints as it goes: a failure to write is noticed, and what goes on is not cut short. */
import { EXIT } from "../src/cli/command.ts";
import { isReaderGone } from "../src/cli/output.ts";

/** A reader that leaves is no fault; anything else is said once and becomes the exit code of a program that ends well. */
export function watchOutput(program: string): void {
  process.stderr.on("error", () => {
    // There is no third place to say it.
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
