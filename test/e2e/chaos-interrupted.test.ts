/** `npm run chaos` that is told to stop ends its nodes in order and leaves no process behind. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GuardedProcess, processesNaming, ROOT } from "../support/guarded-process.ts";

const CHAOS = [process.execPath, `${ROOT}test/chaos/main.ts`];

it("ends in order when it is told to, and leaves nothing", { timeout: 300_000 }, async () => {
  const keep = mkdtempSync(join(tmpdir(), "countersign-chaos-"));
  // One node is killed at a time, so some run at any moment.
  const plan = ["--seconds", "60", "--faults", "kill"];
  const chaos = new GuardedProcess([...CHAOS, ...plan, "--keep", keep]);
  try {
    await chaos.until(() => chaos.stdout.includes("s left"), 180_000);
    expect(processesNaming(join(keep, "network")).length).toBeGreaterThan(0);
    chaos.signalGroup("SIGINT");
    expect((await chaos.ended).code).toBe(130);
    expect(processesNaming(join(keep, "network"))).toEqual([]);
  } finally {
    await chaos.destroy();
    rmSync(keep, { recursive: true, force: true });
  }
});
