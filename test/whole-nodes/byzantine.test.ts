/**
 * Goal: the promises of whole nodes hold beside one Byzantine member of each kind. Method: whole seeds with power cuts and
 * partitions, one member of four hostile; `npm run simulate:nodes -- --hostility NAME` runs more of one kind.
 */
import { describe, expect, it } from "vitest";
import { sweep } from "../support/sweep.ts";
import { HOSTILITY_NAMES, type HostilityName } from "./byzantine/hostilities.ts";
import type { Plan } from "./plan.ts";
import { type Report, runSeed } from "./run.ts";

const SEED = 5;
const NAMES = sweep<readonly HostilityName[]>({
  all: HOSTILITY_NAMES,
  share: ["equivocator", "lyingGiver"],
});

/** Two of its votes in one view contradict one another. */
const PROVEN: readonly HostilityName[] = ["equivocator", "doubleVoter"];

const run = (name: HostilityName): Promise<Report> =>
  runSeed({
    seed: SEED,
    adjust: (plan: Plan) => ({
      ...plan,
      hostilities: new Map([[1, name]]),
      loss: "none",
      absenceMs: 0,
      troubleMs: 6_000,
      paymentEveryMs: 250,
    }),
  });

describe("a world of whole nodes with a Byzantine member", { timeout: 600_000 }, () => {
  it.each(NAMES)("keeps every promise: %s", async (name) => {
    const { results, hostilities, proofs } = await run(name);
    expect(hostilities).toEqual([name]);
    expect(results).toBeGreaterThan(3);
    if (PROVEN.includes(name)) expect(proofs).toBeGreaterThan(0);
  });

  it("gives the same trace hash for the same seed, and another without the hostility", async () => {
    const [first, again, other] = [await run("spoiler"), await run("spoiler"), await run("liar")];
    expect(again.traceHash).toBe(first.traceHash);
    expect(other.traceHash).not.toBe(first.traceHash);
  });
});
