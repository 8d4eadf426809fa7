/**
 * Goal: every change tests a share of the seeds. Method: whole seeds with safety phase, healing, liveness phase and
 * all checkers; `npm run simulate` runs many more. A failing seed is named and can be replayed.
 */
import { describe, expect, it } from "vitest";
import { sweep } from "../support/sweep.ts";
import { isFound } from "../support/world/seeds.ts";
import { runSeed } from "./run.ts";

const SEEDS_REAL = sweep({ whole: 10, all: 5, share: 2 });
const SEEDS_TOY = sweep({ whole: 40, all: 20, share: 5 });
/** The number of seeds within which an injected fault must be found. */
const SEEDS_OF_FAULT = 60;

async function failures(
  nodes: number,
  ledger: "real" | "toy",
  seeds: number,
  amnesia?: "rejoins",
): Promise<string[]> {
  const found: string[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      await runSeed({ seed, nodes, ledger, ...(amnesia === undefined ? {} : { amnesia }) });
    } catch (error) {
      found.push(`seed ${seed}, ${nodes} nodes, ${ledger} ledger: ${String(error)}`);
    }
  }
  return found;
}

describe("the seeded world", () => {
  it.each([2, 3, 4, 7])(
    "of %i nodes over a toy keeps every invariant",
    { timeout: 60_000 },
    async (nodes) => {
      expect(await failures(nodes, "toy", SEEDS_TOY)).toEqual([]);
    },
  );

  it.each([4, 7])(
    "of %i nodes over the real ledger with real seals keeps every invariant",
    { timeout: 120_000 },
    async (nodes) => {
      expect(await failures(nodes, "real", SEEDS_REAL)).toEqual([]);
    },
  );

  it("gives the same trace hash for the same seed, and another for another", async () => {
    const hashOf = async (seed: number) => {
      return (await runSeed({ seed, nodes: 4, ledger: "real" })).traceHash;
    };
    const third = await hashOf(3);
    expect(await hashOf(3)).toBe(third);
    expect(await hashOf(4)).not.toBe(third);
  });

  it.each([4, 7])(
    "of %i nodes, one of which keeps losing its disk and rejoins, keeps every invariant",
    { timeout: 60_000 },
    async (nodes) => {
      expect(await failures(nodes, "toy", SEEDS_TOY, "rejoins")).toEqual([]);
    },
  );

  it("finds a node that lost its disk and votes as if it had not", {
    timeout: 240_000,
  }, async () => {
    const run = (seed: number) => runSeed({ seed, nodes: 4, ledger: "toy", amnesia: "forgets" });
    expect(await isFound(SEEDS_OF_FAULT, run)).toBe(true);
  });

  it("finds nodes that speak before their journal is durable", { timeout: 60_000 }, async () => {
    const run = (seed: number) => runSeed({ seed, nodes: 4, ledger: "toy", sendBeforeSync: true });
    expect(await isFound(SEEDS_OF_FAULT, run)).toBe(true);
  });
});
