// The demo prints true figures, uses plain text without a terminal, and leaves nothing behind however it ends.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { GuardedProcess, isRunning, processesNaming, ROOT } from "../support/guarded-process.ts";

const DEMO_MS = 120_000;
const END_MS = 60_000;
/** The command is told before its process is there. */
const WAIT = { interval: 5, timeout: DEMO_MS / 2 };
/** The folder in which the demo makes its own. */
const home = mkdtempSync(join(tmpdir(), "countersign-demo-test-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function start(): GuardedProcess {
  const command = [process.execPath, "--import", `${ROOT}bin/require-node.js`, "scripts/demo.ts"];
  return new GuardedProcess(command, { env: { TMPDIR: home } });
}

/** The process of the demo's command that is running. */
function processOf(command: string): number {
  const found = readdirSync("/proc").find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return words.includes(command) && readlinkSync(`/proc/${pid}/cwd`).startsWith(home);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  return found === undefined ? expect.fail(`${command} does not run`) : Number(found);
}

function expectNothingLeft(): void {
  expect(readdirSync(home)).toEqual([]);
  expect(processesNaming(home).filter(isRunning)).toEqual([]);
}

it("ends with exit code 0 when all of it held", { timeout: DEMO_MS }, async () => {
  const demo = start();
  const { code } = await demo.ended;
  expect(code, demo.output).toBe(0);
  for (const line of [
    /^ {4}✓ OpenSSL accepts the seal$/m,
    /^node\d loses its power/m,
    /^All of it held\./m,
  ]) {
    expect(demo.stdout).toMatch(line);
  }
  expect(demo.stdout).not.toContain("\x1b");
  expectNothingLeft();
});

it("ends at Ctrl-C, says so, and takes its network along", { timeout: DEMO_MS }, async () => {
  const demo = start();
  await demo.until(() => demo.stdout.includes("group key"), DEMO_MS / 2);
  demo.signalGroup("SIGINT");
  const told = performance.now();
  const { code } = await demo.ended;
  expect(performance.now() - told).toBeLessThan(END_MS);
  expect(code).toBe(1);
  expect(demo.stdout).toContain("told to stop (SIGINT)");
  expectNothingLeft();
});

it("takes a command that Ctrl-C ended for told to stop, if it sees that end first", {
  timeout: DEMO_MS,
}, async () => {
  const demo = start();
  await demo.until(() => demo.stdout.includes("wallet create"), DEMO_MS / 2);
  process.kill(await vi.waitFor(() => processOf("wallet create"), WAIT), "SIGINT");
  const { code } = await demo.ended;
  expect(code).toBe(1);
  expect(demo.stdout).toContain("told to stop (SIGINT)");
  expectNothingLeft();
});
