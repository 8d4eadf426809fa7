/** Runs the `countersign` command as a shell would: a process of its own. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;

export function countersign(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const settings = { ...options, encoding: "utf8", maxBuffer: OUTPUT_BYTES_MAX } as const;
    execFile(process.execPath, [MAIN, ...args], settings, (error, out, err) => {
      // Without an exit code, the process was killed.
      const failure = typeof error?.code === "number" ? error.code : -1;
      resolve({ code: error === null ? 0 : failure, out, error: err });
    });
  });
}
