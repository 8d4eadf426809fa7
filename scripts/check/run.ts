// Runs a tool of the project as a child process; a signal to the check reaches the tool too.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

const TOOLS = join(ROOT, "node_modules/.bin");

export interface RunOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory; absent: the project's folder. */
  readonly cwd?: string;
}

/** Shows the tool's output as it comes; resolves to true when it exits with 0. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<boolean> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: environment(options.env),
  });
  const code = await settle(child);
  return code === 0;
}

/** Collects the tool's output; for commands whose answer is read, not shown. */
export async function capture(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: environment(options.env),
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await settle(child);
  return { code, output: output.trim() };
}

function environment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const path = process.env["PATH"] ?? "";
  return { ...process.env, PATH: `${TOOLS}${delimiter}${path}`, ...added };
}

async function settle(child: ReturnType<typeof spawn>): Promise<number> {
  const forward = (signal: NodeJS.Signals) => {
    child.kill(signal);
    process.exitCode = 1;
  };
  process.on("SIGINT", forward).on("SIGTERM", forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
    });
  } finally {
    process.off("SIGINT", forward).off("SIGTERM", forward);
  }
}
