/**
 * Runs a command in the process of the test: the same words in, the same text and exit code out, without the start of a
 * process, which costs more than most commands. What only a process shows (signals, a full device, files that it loads) is
 * tested with one (countersign.ts).
 */
import { Writable } from "node:stream";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Outcome } from "./countersign.ts";

const OWN = process.cwd();

/** With `cwd`, the folder of this process is another one until the command ends: one such command at a time. */
export async function countersignHere(
  args: readonly string[],
  { cwd }: { readonly cwd?: string } = {},
): Promise<Outcome> {
  const texts = { stdout: "", stderr: "" };
  const into = (name: keyof typeof texts) =>
    new Writable({
      write: (chunk, _, done) => {
        texts[name] += chunk;
        done();
      },
    });
  if (cwd !== undefined) process.chdir(cwd);
  try {
    const streams = { stdout: into("stdout"), stderr: into("stderr") };
    const code = await runCommandLine(args, streams);
    return { code, out: texts.stdout, error: texts.stderr };
  } finally {
    if (cwd !== undefined) process.chdir(OWN);
  }
}
