/** Goal: one process at a time holds a lock, and its death gives it back. Method: real processes, one of them killed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeExclusiveLock } from "../../src/storage/exclusive-lock.ts";
import { GuardedProcess, ROOT } from "../support/guarded-process.ts";

const MODULE = join(ROOT, "src", "storage", "exclusive-lock.ts");
/** Says "held" or "free" of the lock in its argument, and keeps what it took until it is killed. */
const HOLDER = `import { takeExclusiveLock } from ${JSON.stringify(MODULE)};
const lock = await takeExclusiveLock(process.argv[2]);
console.log(lock === undefined ? "held" : "taken");
setInterval(() => lock, 1_000);
`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "countersign-lock-"));
});
afterEach(() => rmSync(home, { recursive: true }));

async function hold(folder: string): Promise<{ told: string; process: GuardedProcess }> {
  const script = join(home, "holder.mjs");
  writeFileSync(script, HOLDER);
  const process_ = new GuardedProcess([process.execPath, script, folder]);
  await process_.until(() => process_.stdout.includes("\n"), 60_000);
  return { told: process_.stdout.trim(), process: process_ };
}

it("is held once, here and by another process, and free again when it is released", async () => {
  const folder = join(home, "new", "lock");
  const lock = await takeExclusiveLock(folder);
  expect(lock).toBeDefined();
  expect(await takeExclusiveLock(folder)).toBeUndefined();
  const other = await hold(folder);
  expect(other.told).toBe("held");
  await other.process.destroy();
  await lock?.release();
  await (await takeExclusiveLock(folder))?.release();
});

it("of a process that is killed is free, and only then", async () => {
  const folder = join(home, "lock");
  const other = await hold(folder);
  expect(other.told).toBe("taken");
  expect(await takeExclusiveLock(folder)).toBeUndefined();
  await other.process.destroy();
  const lock = await takeExclusiveLock(folder);
  expect(lock).toBeDefined();
  await lock?.release();
});

it("that cannot be made is an error that names its folder", async () => {
  mkdirSync(join(home, "lock", "held"), { recursive: true });
  await expect(takeExclusiveLock(join(home, "lock"))).rejects.toMatchObject({
    ...{ code: "unavailable", message: expect.stringContaining(join(home, "lock")) },
  });
});
