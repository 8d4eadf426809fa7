/**
 * Goal: every change runs a bounded share of `npm run attack`: real processes with a member's keys, or as clients, do
 * attack; honest payments go on with receipts that verify; and no process or file is left behind.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { processesNaming, ROOT, run } from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";

interface Outcome {
  readonly name: string;
  readonly broken: readonly string[];
  readonly memoryGrowth: number;
  readonly figures: {
    readonly during: { readonly perSecond: number };
    readonly after: { readonly perSecond: number };
    readonly tally: Readonly<Record<string, number>>;
  };
}

const ATTACK = [process.execPath, `${ROOT}test/attack/main.ts`, "--shared", "--json"];
const NAMES = sweep({
  all: ["sponsored-creations", "idle-leader"],
  share: ["sponsored-creations"],
});
const SECONDS = sweep({ all: 6, share: 4 });
/** Bounds that depend on the machine's speed and on a warm heap are for the measurement alone. */
const MEASURED = ["throughput", "aftermath", "stall", "memory"];
const GROWTH_MIB_MAX = 256;

it("attacks do not stop honest payments", { timeout: 600_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), "countersign-attack-"));
  const times = ["--seconds", `${SECONDS}`, "--warm", "3", "--after", "4"];
  const { stdout, stderr } = await run([...ATTACK, "--only", NAMES.join(","), ...times], {
    limitMs: 580_000,
    env: { TMPDIR: home },
  });
  const outcomes: readonly Outcome[] = JSON.parse(stdout || stderr);
  expect(outcomes.map(({ name }) => name)).toEqual(NAMES);
  for (const { name, broken, memoryGrowth, figures } of outcomes) {
    expect(memoryGrowth, name).toBeLessThan(GROWTH_MIB_MAX);
    expect(figures.tally, name).not.toEqual({});
    expect(figures.during.perSecond, name).toBeGreaterThan(0);
    expect(figures.after.perSecond, name).toBeGreaterThan(0);
    expect(
      broken.filter((criterion) => !MEASURED.includes(criterion)),
      name,
    ).toEqual([]);
  }
  expect(processesNaming(home)).toEqual([]);
  expect(readdirSync(home)).toEqual([]);
  rmSync(home, { recursive: true, force: true });
});
