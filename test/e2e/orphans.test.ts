/**
 * Goal: a network ends when the process that the user started has ended, and goes on if only a reader of its output
 * has. Method: real npm, real shells, and real signals to one process of the chain.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DevnetPlace, devnetFlags, leavePlace, newPlace } from "../support/devnet.ts";
import {
  COUNTERSIGN,
  GuardedProcess,
  isRunning,
  processesNaming,
  ROOT,
  untilGone,
} from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";

const READY_MS = 180_000;
const END_MS = 60_000;
const READY = /^Ctrl-C ends every process\.$/m;

let place: DevnetPlace;

beforeEach(async () => {
  place = await newPlace(2);
});

afterEach(() => leavePlace(place));

describe("a network whose npm is gone", () => {
  const npmStart = ["npm", "start", "--"];
  const npx = ["npx", "--no-install", "countersign", "devnet"];
  type Case = readonly [string, NodeJS.Signals, readonly string[]];
  const first: readonly Case[] = [
    ["npm start", "SIGKILL", npmStart],
    ["npx countersign devnet", "SIGHUP", npx],
  ];
  const others: readonly Case[] = [
    ["npm start", "SIGHUP", npmStart],
    ["npm start", "SIGTERM", npmStart],
    ["npx countersign devnet", "SIGKILL", npx],
  ];
  it.each(sweep({ whole: [...first, ...others], share: first }))(
    "by %s ends after %s to npm alone",
    async (_, signal, command) => {
      // The environment of a user's own shell, not of the npm that runs this test.
      const env = Object.fromEntries(
        Object.keys(process.env).flatMap((name) => (/^npm_/.test(name) ? [[name, undefined]] : [])),
      );
      const npm = new GuardedProcess([...command, ...devnetFlags(place)], { cwd: ROOT, env });
      await npm.until(() => READY.test(npm.stdout), READY_MS);
      const pids = processesNaming(place.data).filter(isRunning);
      // At least the nodes and the process that started them.
      expect(pids.length).toBeGreaterThan(3);
      npm.signal(signal);
      await untilGone(pids, END_MS);
      await npm.ended;
    },
  );

  it("is not a shell that has ended: who starts it there and leaves means it to go on", async () => {
    const [program, ...args] = [...COUNTERSIGN, "devnet", ...devnetFlags(place)];
    const quoted = [program, ...args].map((word) => `'${word}'`).join(" ");
    const shell = new GuardedProcess(["sh", "-c", `${quoted} & read word; exit 0`]);
    await shell.until(() => READY.test(shell.stdout), READY_MS);
    const pids = processesNaming(place.data).filter((pid) => pid !== shell.pid && isRunning(pid));
    shell.feed("leave\n");
    await untilGone([shell.pid], END_MS);
    // Twice the interval at which a node looks for its npm.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(pids.filter(isRunning)).toEqual(pids);
  });
});

describe("a network whose output cannot be written", () => {
  it.each([
    ["a reader that has left", "| true", "EPIPE"],
    ["a full device", "> /dev/full", "ENOSPC"],
  ])("goes on and says so once: %s", async (_, redirection, code) => {
    const words = [...COUNTERSIGN, "devnet", ...devnetFlags(place)].map((word) => `'${word}'`);
    // Standard error stays with the test.
    const line = `{ ${words.join(" ")}; echo "ended $?" >&2; } ${redirection}`;
    const shell = new GuardedProcess(["bash", "-c", line]);
    const told = new RegExp(`^Standard output takes nothing more .*${code}.*goes on`, "m");
    await shell.until(() => told.test(shell.stderr), READY_MS);
    const pids = processesNaming(place.data).filter((pid) => pid !== shell.pid && isRunning(pid));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(pids.filter(isRunning)).toEqual(pids);
    expect(shell.stderr.match(/takes nothing more/g)).toHaveLength(1);
    shell.signalGroup("SIGINT");
    await shell.ended;
    await untilGone(pids, END_MS);
  });
});
