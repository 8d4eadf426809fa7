// One node under chaos: the shipped command as a process that is killed, frozen and started again. An end that the
// run did not cause is noted.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ROOT } from "../support/guarded-process.ts";

const CLOCK = pathToFileURL(`${ROOT}test/chaos/clock-preload.ts`).href;
const STOP_MS = 60_000;

export interface ChaosNodeFiles {
  readonly configFile: string;
  readonly logFile: string;
  readonly clockFile: string;
}

export class ChaosNode {
  readonly name: string;
  /** Ends without a fault as their cause, each in a line. */
  readonly surprises: string[] = [];
  /** The disk is full: the node may end, and says so in its log. */
  mayEnd = false;
  /** Not started again until this is cleared. */
  isAway = false;
  readonly #files: ChaosNodeFiles;
  #child: ChildProcess | undefined;
  /** The run is ending this process itself. */
  #told = false;

  constructor(name: string, files: ChaosNodeFiles) {
    this.name = name;
    this.#files = files;
    this.setClock(0);
  }

  /** The number of its starts from a snapshot. */
  get snapshots(): number {
    return (
      readFileSync(this.#files.logFile, "utf8").split('"msg":"starting from a snapshot"').length - 1
    );
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    if (this.#child !== undefined || this.isAway) return;
    const { configFile, logFile, clockFile } = this.#files;
    const log = openSync(logFile, "a", 0o600);
    // The IPC channel is the node's lifeline: it ends when this process does.
    const child = spawn(
      process.execPath,
      [`${ROOT}src/cli/main.ts`, "node", "--config", configFile],
      {
        stdio: ["ignore", log, log, "ipc"],
        env: { ...process.env, NODE_OPTIONS: `--import=${CLOCK}`, CHAOS_CLOCK_FILE: clockFile },
      },
    );
    closeSync(log);
    this.#child = child;
    this.#told = false;
    child.once("exit", (code, signal) => {
      if (this.#child === child) this.#child = undefined;
      if (this.#told || this.mayEnd) return;
      this.surprises.push(`${this.name} ended by itself (${signal ?? `exit code ${code}`})`);
    });
  }

  /** Kills the process as a power cut would; true if it was running. */
  async kill(): Promise<boolean> {
    const child = this.#child;
    if (child === undefined) return false;
    this.#told = true;
    child.kill("SIGKILL");
    await once(child, "exit");
    return true;
  }

  /** Freezes the process; true if it was running. */
  freeze(): boolean {
    return this.#child?.kill("SIGSTOP") ?? false;
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  setClock(offsetMs: number): void {
    writeFileSync(this.#files.clockFile, `${offsetMs}`);
  }

  /** Asks it to end, which it must do with exit code 0. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#told = true;
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    const [code, signal] = await once(child, "exit");
    clearTimeout(late);
    if (code !== 0) this.surprises.push(`${this.name} did not end well (${signal ?? code})`);
  }
}
