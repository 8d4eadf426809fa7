/**
 * Goal: a node that was away, or that lost its store and kept its keys, soon takes part again. Method: a small share
 * of `npm run bench -- catch-up`: real processes on real stores with a prepared history.
 */
import { describe, expect, it } from "vitest";
import { measureCatchUp } from "../../bench/catch-up.ts";
import { sweep } from "../support/sweep.ts";

/** Several ranges of R30, and a part of one. */
const BLOCKS = 300;
/** Of the time in which the other nodes start, which a slow machine makes longer too. */
const TIMES_OTHERS_MAX = 5;

describe(`a node votes again with ${BLOCKS} blocks to take in`, () => {
  type Case = readonly [string, number | "lost", boolean];
  const first: readonly Case[] = [
    ["that was away", 10, false],
    ["whose store is gone but not its keys and share, from a snapshot", "lost", true],
  ];
  const others: readonly Case[] = [
    ["whose store is gone but not its keys and share", "lost", false],
    ["that was away for hours, from a snapshot", 10, true],
  ];
  it.each(sweep({ whole: [...first, ...others], share: first }))(
    "one %s",
    async (_, held, snapshot) => {
      // The window of ids is an hour.
      const far = { spanMs: 20 * 3_600_000, snapshotBlocksMin: BLOCKS / 2 };
      const { othersMs, caughtUpMs, votesMs, fromSnapshot } = await measureCatchUp({
        blocks: BLOCKS,
        transfersPerBlock: 10,
        held,
        report: () => undefined,
        ...(snapshot ? far : {}),
      });
      expect(fromSnapshot).toBe(snapshot);
      expect(caughtUpMs).toBeLessThan(votesMs);
      console.log(
        `the others start in ${othersMs.toFixed(0)} ms, it votes in ${votesMs.toFixed(0)}`,
      );
      expect(votesMs).toBeLessThan(TIMES_OTHERS_MAX * othersMs);
    },
  );
});
