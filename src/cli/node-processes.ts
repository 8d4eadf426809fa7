/** Starts and ends the node processes of a development network. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { startTimer } from "../transport/timers.ts";

/** Time a node gets to end by itself before it is killed. */
const GRACE_MS = 1200;

/** Bounds on the memory of a node's runtime, as in bin/countersign.js. */
const MEMORY = ["--max-semi-space-size=16", "--heap-growing-percent=100"];

export interface NodeProcess {
  readonly name: string;
  readonly configFile: string;
  /** Standard output and error of the process are appended here. */
  readonly logFile: string;
}

export interface Exit {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** TypeScript in a clone, JavaScript in the package. */
const MAIN = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url));

export class NodeProcesses {
  readonly #running = new Map<string, ChildProcess>();
  readonly #onExit: (exit: Exit) => void;
  #stopping: Promise<void> | undefined;

  constructor(onExit: (exit: Exit) => void) {
    this.#onExit = onExit;
  }

  /** Number of running nodes. */
  get count(): number {
    return this.#running.size;
  }

  /** The process id; undefined if the process could not be started, which also counts as an exit. */
  start({ name, configFile, logFile }: NodeProcess): number | undefined {
    const log = openSync(logFile, "a", 0o600);
    // The IPC channel is the child's lifeline. If this process dies in any way, the child sees the channel close.
    const child = spawn(process.execPath, [...MEMORY, MAIN, "node", "--config", configFile], {
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    this.#running.set(name, child);
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (this.#running.delete(name)) this.#onExit({ name, code, signal });
    };
    child.once("exit", ended);
    child.once("error", () => {
      if (child.pid === undefined) ended(null, null);
    });
    return child.pid;
  }

  /** Asks every node to end, kills those that do not end in time, and resolves when none is left. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const children = [...this.#running.values()];
    const ended = children.map(
      (child) => new Promise<void>((resolve) => child.once("exit", () => resolve())),
    );
    for (const child of children) child.kill("SIGTERM");
    const cancel = startTimer(GRACE_MS, () => {
      for (const child of this.#running.values()) child.kill("SIGKILL");
    });
    await Promise.all(ended);
    cancel();
  }
}
