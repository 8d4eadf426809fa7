// Finds processes that outlive the tests, by the run's mark in their environment.
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** The time that a process gets to exit. */
const GRACE_MS = 3000;
const POLL_MS = 100;

/**
 * Kills processes that are still running after a pause, and returns their command lines. Linux only; elsewhere the
 * list is empty.
 */
export async function endLeftovers(mark: string): Promise<string[]> {
  const deadline = performance.now() + GRACE_MS;
  let left = await markedProcesses(mark);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(POLL_MS);
    left = await markedProcesses(mark);
  }
  for (const { id } of left) process.kill(id, "SIGKILL");
  return left.map(({ id, command }) => `${id} ${command}`);
}

async function markedProcesses(mark: string): Promise<{ id: number; command: string }[]> {
  const names = await readdir("/proc").catch(() => []);
  const found: { id: number; command: string }[] = [];
  for (const name of names.filter((entry) => /^\d+$/.test(entry))) {
    const environment = await readWords(`/proc/${name}/environ`);
    if (!environment.includes(mark)) continue;
    const command = await readWords(`/proc/${name}/cmdline`);
    found.push({ id: Number(name), command: command.join(" ") });
  }
  return found;
}

/** Empty if the process has ended or belongs to another user. */
async function readWords(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\0").filter((word) => word !== "");
}
