/** The live heap of each node, measured after a garbage collection that a signal triggers. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MIB = 1024 * 1024;
const ANSWER_MS = 10_000;

/** The environment of processes that write their answers into this folder. */
export function heapProbe(folder: string): Record<string, string> {
  const probe = new URL("heap-probe.ts", import.meta.url).href;
  return { NODE_OPTIONS: `--import "${probe}"`, HEAP_PROBE_FOLDER: folder };
}

/** MiB of each. */
export function liveHeaps(folder: string, pids: readonly number[]): Promise<number[]> {
  return Promise.all(pids.map((pid) => liveHeap(join(folder, `${pid}.heap`), pid)));
}

async function liveHeap(file: string, pid: number): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  const deadline = performance.now() + ANSWER_MS;
  while (!existsSync(file)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} does not say what it holds`);
    await sleep(20);
  }
  return Number(readFileSync(file, "utf8")) / MIB;
}
