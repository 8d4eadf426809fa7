/** R27: everything waits by the monotonic clock; the wall clock is for block time, and may show any time. */
import { describe, expect, it } from "vitest";
import { Bench, blockOn, D, GENESIS, notarization, requested, START, said, T } from "./harness.ts";

const MINUTES = 60_000;
const YEARS = 365 * 24 * 60 * MINUTES;

/** A core that saw a wall clock wrong by this much, which was then set right. */
function afterJumpOf(byMs: number, bench = new Bench()): Bench {
  bench.wallAheadMs = byMs;
  bench.step({ kind: "tick" });
  bench.now += 3;
  bench.wallAheadMs = 0;
  bench.step({ kind: "tick" });
  return bench;
}

const JUMPS = [10 * MINUTES, -10 * MINUTES, 50 * YEARS, -1 * START] as const;

describe("R27: a wall clock that was wrong for a moment", () => {
  it.each(JUMPS)("%i ms: the timers that follow run as ever", (byMs) => {
    const bench = afterJumpOf(byMs);
    bench.work();
    expect(said(...bench.pass(T - 1))).toEqual([]);
    expect(said(...bench.pass(1))).toContain("nullify 1");
  });

  it.each(JUMPS)("%i ms: the timers that ran end when they would have ended", (byMs) => {
    const bench = new Bench();
    bench.work();
    const { deadline } = bench.output;
    expect(afterJumpOf(byMs, bench).output.deadline).toBe(deadline);
    expect(said(...bench.pass(T - 4))).toEqual([]);
    expect(said(...bench.pass(1))).toContain("nullify 1");
  });

  it.each(JUMPS)("%i ms: the proposal that comes after it is judged by the right time", (byMs) => {
    const bench = afterJumpOf(byMs);
    bench.hearProposal(blockOn(GENESIS, 1, { header: { time: START + D } }));
    expect(requested("verify", bench.output)).toHaveLength(1);
  });

  it.each(JUMPS)("%i ms: what is missing is asked for again as often as ever", (byMs) => {
    const bench = new Bench();
    bench.hearCertificates(notarization(blockOn(GENESIS, 1)));
    expect(requested("fetchBlocks", bench.output)).toHaveLength(1);
    afterJumpOf(byMs, bench);
    expect(requested("fetchBlocks", ...bench.pass(T / 4))).toHaveLength(1);
  });
});

describe("R11: a wall clock that is set while a proposal waits", () => {
  const early = blockOn(GENESIS, 1, { header: { time: START + D + 100 } });

  it("forwards: the proposal is judged at the next step, not when its timer ends", () => {
    const bench = new Bench();
    bench.hearProposal(early);
    expect(requested("verify", bench.output)).toEqual([]);
    bench.wallAheadMs = 100;
    expect(requested("verify", bench.step({ kind: "tick" }))).toHaveLength(1);
  });

  it("back: it waits so much longer", () => {
    const bench = new Bench();
    bench.hearProposal(early);
    bench.wallAheadMs = -50;
    expect(requested("verify", ...bench.pass(149))).toEqual([]);
    expect(requested("verify", ...bench.pass(1))).toHaveLength(1);
  });

  it("the tick that it waits for is named by the monotonic clock", () => {
    const bench = new Bench();
    bench.wallAheadMs = 7 * YEARS;
    const time = START + 7 * YEARS + D + 30;
    bench.hearProposal(blockOn(GENESIS, 1, { header: { time } }));
    expect(bench.output.deadline).toBe(bench.now + 30);
  });
});

describe("R11: a chain whose time is ahead of every right clock", () => {
  const ahead = { ...GENESIS, header: { ...GENESIS.header, time: START + 10 * MINUTES } };

  function onChainAhead(): Bench {
    const bench = new Bench({ final: ahead });
    bench.work();
    return bench;
  }

  it("goes on: a block with its parent's time does not wait", () => {
    const bench = onChainAhead();
    bench.hearProposal(blockOn(ahead, 1));
    expect(requested("verify", bench.output)).toHaveLength(1);
  });

  it("and gains no time meanwhile: a block one millisecond later waits for the clock", () => {
    const bench = onChainAhead();
    const time = ahead.header.time + 1;
    bench.hearProposal(blockOn(ahead, 1, { header: { time } }));
    expect(requested("verify", ...bench.pass(T - 1))).toEqual([]);
  });
});
