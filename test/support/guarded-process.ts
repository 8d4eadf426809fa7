/**
 * Real processes for tests. Each leads a process group, as a command typed in a terminal does. A guard kills the
 * whole group if the test process dies, so that nothing is left behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The way to start this project's programs: the Node of the tests, and npm's own command line without npm. */
export const COUNTERSIGN = [
  process.execPath,
  "--import",
  `${ROOT}bin/require-node.js`,
  `${ROOT}src/cli/main.ts`,
] as const;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds since it was started. */
  readonly ms: number;
}

export interface SpawnOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export class GuardedProcess {
  readonly #child: ChildProcess;
  readonly pid: number;
  stdout = "";
  stderr = "";
  /** Settles when the process has ended and its output is read. */
  readonly ended: Promise<Ended>;

  constructor(command: readonly string[], options: SpawnOptions = {}) {
    const [file = "", ...args] = command;
    const started = performance.now();
    const child = spawn(file, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    if (child.pid === undefined) throw new Error(`${file} cannot be started`);
    this.pid = child.pid;
    child.stdin.on("error", () => undefined);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    const release = guard(this.pid);
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        release();
        resolve({ code, signal, ms: performance.now() - started });
      });
    });
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Its standard input, all of it. */
  feed(text: string): void {
    this.#child.stdin?.end(text);
  }

  /** Settles when `isMet` is true, tested after every piece of output; rejects if the process ends before. */
  async until(isMet: () => boolean, limitMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (isMet()) resolve();
    };
    const tooLate = setTimeout(() => {
      reject(new Error(`not met within ${limitMs} ms:\n${this.output}`));
    }, limitMs);
    this.#child.stdout?.on("data", look);
    this.#child.stderr?.on("data", look);
    look();
    void this.ended.then(({ code, signal }) => {
      look();
      reject(new Error(`ended too early (${signal ?? code}):\n${this.output}`));
    });
    await promise.finally(() => clearTimeout(tooLate));
  }

  /** Sends a signal to the process alone. */
  signal(signal: NodeJS.Signals): void {
    sendSignal(this.pid, signal);
  }

  /** Sends a signal to every process of its group, as Ctrl-C in a terminal does. */
  signalGroup(signal: NodeJS.Signals): void {
    sendSignal(-this.pid, signal);
  }

  /** Ends the group at once. */
  async destroy(): Promise<Ended> {
    this.signalGroup("SIGKILL");
    return await this.ended;
  }
}

export interface RunOptions extends SpawnOptions {
  readonly input?: string;
  readonly limitMs?: number;
}

export interface Outcome extends Ended {
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends what hangs: a command takes a second or more, and ten times that on a busy machine. */
const RUN_MS = 180_000;

/** Runs a command to its end; the exit code is the caller's to judge. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = new GuardedProcess(command, options);
  child.feed(options.input ?? "");
  const late = setTimeout(() => child.signalGroup("SIGKILL"), options.limitMs ?? RUN_MS);
  const ended = await child.ended;
  clearTimeout(late);
  return { ...ended, stdout: child.stdout, stderr: child.stderr };
}

/** The processes whose command line holds `text`: with a test's own folder, those that the test started. */
export function processesNaming(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).includes(text))
    .map(Number);
}

/** True if the process runs; false if it has ended and is not yet collected by its parent. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The milliseconds until none of `pids` runs; rejects after `limitMs`. */
export async function untilGone(pids: readonly number[], limitMs: number): Promise<number> {
  const started = performance.now();
  for (;;) {
    const left = pids.filter(isRunning);
    const ms = performance.now() - started;
    if (left.length === 0) return ms;
    if (ms > limitMs) throw new Error(`still running after ${limitMs} ms: ${left.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended already, which is the aim of every signal here.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** A shell that waits for a word from this process. If its input ends without one, it kills the group. */
function guard(group: number): () => void {
  const shell = spawn("sh", ["-c", `read word || kill -KILL -${group}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.unref();
  shell.stdin.on("error", () => undefined);
  return () => void shell.stdin.end("released\n");
}

function commandLine(pid: string): string {
  try {
    const file = openSync(`/proc/${pid}/cmdline`, "r");
    try {
      const bytes = Buffer.alloc(4096);
      return bytes.toString("utf8", 0, readSync(file, bytes)).replaceAll("\0", " ");
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
