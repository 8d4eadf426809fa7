/**
 * Goal: what holds for every seed holds for a share of them at every change. Method: whole seeds, safety phase, healing
 * and liveness phase, with all checkers; `npm run simulate` runs the many. A failing seed is named and can be replayed.
 */
import { describe, expect, it } from "vitest";
import { sweep } from "../support/sweep.ts";
import { runSeed } from "./run.ts";

const SEEDS_REAL = sweep({ all: 10, share: 3 });
const SEEDS_TOY = sweep({ all: 40, share: 10 });
/** As many as the fault that is put in needs to be found. */
const SEEDS_OF_FAULT = 40;

function failures(
  nodes: number,
  ledger: "real" | "toy",
  seeds: number,
  amnesia?: "rejoins" | "forgets",
): string[] {
  return Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) => {
    try {
      runSeed({ seed, nodes, ledger, ...(amnesia === undefined ? {} : { amnesia }) });
      return [];
    } catch (error) {
      return [`seed ${seed}, ${nodes} nodes, ${ledger} ledger: ${String(error)}`];
    }
  });
}

describe("the seeded world", () => {
  it.each([2, 3, 4, 7])(
    "of %i nodes over a toy keeps every invariant",
    { timeout: 60_000 },
    (nodes) => {
      expect(failures(nodes, "toy", SEEDS_TOY)).toEqual([]);
    },
  );

  it.each([4, 7])(
    "of %i nodes over the real ledger with real seals keeps every invariant",
    { timeout: 120_000 },
    (nodes) => {
      expect(failures(nodes, "real", SEEDS_REAL)).toEqual([]);
    },
  );

  it("gives the same audit hash for the same seed, and another for another", () => {
    const hashOf = (seed: number) => runSeed({ seed, nodes: 4, ledger: "real" }).auditHash;
    expect(hashOf(3)).toBe(hashOf(3));
    expect(hashOf(3)).not.toBe(hashOf(4));
  });

  it.each([4, 7])(
    "of %i nodes, one of which keeps losing its disk and rejoins, keeps every invariant",
    { timeout: 60_000 },
    (nodes) => {
      expect(failures(nodes, "toy", SEEDS_TOY, "rejoins")).toEqual([]);
    },
  );

  it("finds a node that lost its disk and votes as if it had not", { timeout: 60_000 }, () => {
    expect(failures(4, "toy", SEEDS_OF_FAULT, "forgets").length).toBeGreaterThan(0);
  });

  it("finds nodes that speak before their journal is durable", { timeout: 60_000 }, () => {
    const found = Array.from({ length: 60 }, (_, i) => i + 1).filter((seed) => {
      try {
        runSeed({ seed, nodes: 4, ledger: "toy", sendBeforeSync: true });
        return false;
      } catch {
        return true;
      }
    });
    expect(found.length).toBeGreaterThan(0);
  });
});
