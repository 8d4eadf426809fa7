/**
 * Goal: a node that was away, or lost its store and kept its keys, takes part again soon. Method: a
 * small share of `npm run bench -- catch-up`: real processes on real stores with a history that was written beforehand.
 */
import { describe, expect, it } from "vitest";
import { measureCatchUp } from "../../bench/catch-up.ts";

/** Ranges of R30: several, and a part of one. */
const BLOCKS = 300;
/** For 10,000 blocks; here it is mostly the start of processes. */
const VOTES_MS_MAX = 30_000;

describe(`a node votes again with ${BLOCKS} blocks to take in`, () => {
  it.each([
    ["that was away", 10],
    ["whose store is gone but not its keys and share", "lost"],
  ] as const)("one %s", async (_, held) => {
    const { caughtUpMs, votesMs } = await measureCatchUp({
      blocks: BLOCKS,
      transfersPerBlock: 10,
      held,
      report: () => undefined,
    });
    expect(caughtUpMs).toBeLessThan(votesMs);
    expect(votesMs).toBeLessThan(VOTES_MS_MAX);
  });
});
