/**
 * Goal: a bounded share of `npm run chaos` at every change: kills, all nodes at once, frozen nodes, cut and held links
 * and wrong clocks under load, with every answer held against every disk afterwards, and nothing left behind.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GuardedProcess, processesNaming, ROOT, run } from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";

const CHAOS = [process.execPath, `${ROOT}test/chaos/main.ts`];
const SECONDS = sweep({ all: 30, share: 10 });

it("what was acknowledged under faults is on every disk", { timeout: 170_000 }, async () => {
  const { code, stdout, stderr } = await run(
    [...CHAOS, "--seconds", `${SECONDS}`, "--seed", "5", "--clients", "4", "--plan"],
    { limitMs: 160_000 },
  );
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout).toMatch(/processes killed: [1-9]/);
  expect(stdout).toMatch(/all held\n$/);
});

it("ends in order when it is told to, and leaves nothing", { timeout: 120_000 }, async () => {
  const keep = mkdtempSync(join(tmpdir(), "countersign-chaos-"));
  const chaos = new GuardedProcess([...CHAOS, "--seconds", "60", "--keep", keep]);
  try {
    await chaos.until(() => chaos.stdout.includes("s left"), 60_000);
    expect(processesNaming(join(keep, "network")).length).toBeGreaterThan(0);
    chaos.signalGroup("SIGINT");
    expect((await chaos.ended).code).toBe(130);
    expect(processesNaming(join(keep, "network"))).toEqual([]);
  } finally {
    await chaos.destroy();
    rmSync(keep, { recursive: true, force: true });
  }
});
