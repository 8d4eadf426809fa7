/**
 * Goal: the promises that test/simulation checks for the core hold for the assembled node. Method: whole seeds with
 * all checks; `npm run simulate:nodes` runs many more. A failing seed is named, shows its trace, and can be replayed.
 */
import { describe, expect, it } from "vitest";
import { isFound } from "../support/world/seeds.ts";
import type { Plan } from "./plan.ts";
import { type Report, runSeed } from "./run.ts";
import type { WorldOptions } from "./world.ts";

/** Each costs a few seconds. */
const SEEDS = [4, 3];
/** The number of seeds within which a fault that every second seed shows must be found. */
const TRIES = 10;

/** Both rare faults happen, and the others are few enough for a short run. */
const eventful = (plan: Plan): Plan => ({
  ...plan,
  loss: "told",
  absenceMs: 310_000,
  paymentEveryMs: 500,
  troubleMs: 10_000,
  hostilities: new Map(),
});

const isFaultFound = (options: Omit<WorldOptions, "seed">) =>
  isFound(TRIES, (seed) => runSeed({ ...options, seed }));

describe("a world of whole nodes", { timeout: 300_000 }, () => {
  const reports: Report[] = [];

  it.each(SEEDS)("keeps every promise: seed %i", async (seed) => {
    reports.push(await runSeed({ seed, adjust: eventful }));
  });

  it("has starts from snapshots and lost stores in it", () => {
    expect(reports.length).toBe(SEEDS.length);
    expect(reports.some(({ snapshots }) => snapshots > 0)).toBe(true);
    expect(reports.some(({ rejoins }) => rejoins > 0)).toBe(true);
  });

  it("gives the same trace hash for the same seed", async () => {
    const [other, first] = reports;
    const again = await runSeed({ seed: first?.seed ?? 0, adjust: eventful });
    expect(again.traceHash).toBe(first?.traceHash);
    expect(other?.traceHash).not.toBe(first?.traceHash);
  });

  it("finds disks that say they have synced what they have not", async () => {
    const adjust = (plan: Plan): Plan => ({
      ...plan,
      syncMaxMs: 400,
      faultEveryMs: 2_000,
      absenceMs: 0,
      hostilities: new Map(),
    });
    expect(await isFaultFound({ lyingDisks: true, adjust })).toBe(true);
  });

  it("finds a node that lost its store and takes part as if it had said nothing", async () => {
    const adjust = (plan: Plan): Plan => ({
      ...plan,
      loss: "told",
      absenceMs: 0,
      hostilities: new Map(),
    });
    expect(await isFaultFound({ forgets: true, adjust })).toBe(true);
  });
});
