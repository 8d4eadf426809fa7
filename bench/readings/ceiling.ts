/**
 * The ceiling of a ledger whose nodes all check every owner's signature on this machine: with c cores, n nodes and
 * t seconds for a check, c / (n × t) transfers a second.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("./ceiling-worker.ts", import.meta.url));

/** Processes that wait until they are told to check signatures, one for each core. */
export class CheckRate {
  readonly #workers: readonly ChildProcess[];

  private constructor(workers: readonly ChildProcess[]) {
    this.#workers = workers;
  }

  static async open(): Promise<CheckRate> {
    const workers = Array.from({ length: availableParallelism() }, () => {
      return fork(WORKER, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    });
    await Promise.all(workers.map(answerOf));
    return new CheckRate(workers);
  }

  /** Signatures checked in a second by all cores at once, measured for `ms`. */
  async measure(ms: number): Promise<number> {
    const answers = this.#workers.map(answerOf);
    for (const worker of this.#workers) worker.send(ms);
    return (await Promise.all(answers)).reduce<number>((sum, rate) => sum + Number(rate), 0);
  }

  close(): void {
    for (const worker of this.#workers) worker.disconnect();
  }
}

function answerOf(worker: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const ended = (code: number | null) =>
    reject(new Error(`a process that checks signatures ended with exit code ${code}`));
  worker.once("exit", ended);
  worker.once("message", resolve);
  return promise.finally(() => worker.off("exit", ended));
}

/** Transfers a second that n nodes could at most order, by the rate of checks of the whole machine. */
export function ceilingOf(checksPerSecond: number, nodes: number): number {
  return checksPerSecond / nodes;
}
