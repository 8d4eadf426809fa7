/** R5, R13, R32: leaders that vote but do not propose, and views in which no block can be notarized any more. */
import { describe, expect, it } from "vitest";
import { FailingLeaders } from "../../src/consensus/leaders.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { Bench, blockOn, GENESIS, notarizeOf, nullification, said, T } from "./harness.ts";

/** All nodes vote in every view. Node 1, which leads views 1, 5, 9 and so on, votes too but never proposes. */
const VOTERS = [1, 2, 3];

/** Passes through the views up to `until`; gives the time that the node waited in each turn of node 1. */
function waits(bench: Bench, until: number): number[] {
  const waited: number[] = [];
  bench.work();
  while (bench.view < until) {
    const at = bench.view;
    const isTurn = at % 4 === 1;
    const begun = bench.now;
    while (isTurn && !said(bench.output).includes(`nullify ${at}`)) bench.pass(1);
    if (isTurn) waited.push(bench.now - begun);
    else lead(bench, at);
    if (bench.view === at) bench.hearCertificates(nullification(at, VOTERS));
  }
  return waited;
}

/**
 * The leader of `at`, if it is another node, proposes at once; the view then ends as if the other nodes had not
 * received it.
 */
function lead(bench: Bench, at: number): void {
  if (at % 4 === 0) return;
  const block = blockOn(GENESIS, at, { operations: [`${at}`] });
  bench.hearProposal(block);
  bench.approve(block);
}

describe("R5: a leader that votes but never proposes", () => {
  it("is waited for in three of its turns, then in none for sixteen, then once again", () => {
    const waited = waits(new Bench(), 4 * 22 + 1);
    for (const ms of waited.slice(0, 3)) expect(ms).toBeGreaterThanOrEqual(T);
    expect(waited.slice(3, 19)).toEqual(new Array(16).fill(0));
    expect(waited[19]).toBeGreaterThanOrEqual(T);
    expect(waited.slice(20)).toEqual([0, 0]);
  });
});

describe("R5: judging turns", () => {
  const [LATE, HONEST] = [validatorIndex(1), validatorIndex(2)];
  const turn = (latencyMs: number | undefined, waitedMs = 600) => ({
    latencyMs,
    waitedMs,
    timeoutMs: 600,
  });
  const open = (validators = 4, faults = 1) =>
    new FailingLeaders({ validators, faults, timeoutBaseMs: 600 });

  it("proposals just before the timeout are no better than none", () => {
    const leaders = open();
    for (let round = 0; round < 3; round++) {
      expect(leaders.isFailing(LATE)).toBe(false);
      leaders.judgeTurn(LATE, turn(590));
      leaders.judgeTurn(HONEST, turn(20));
    }
    expect(leaders.isFailing(LATE)).toBe(true);
    expect(leaders.isFailing(HONEST)).toBe(false);
  });

  it("lateness is relative to the time of the other leaders, so a slow machine makes no leader fail", () => {
    const leaders = open();
    for (let round = 0; round < 20; round++) {
      for (const leader of [0, 1, 2, 3]) {
        leaders.judgeTurn(validatorIndex(leader), turn(200 + 40 * leader));
        expect(leaders.isFailing(validatorIndex(leader))).toBe(false);
      }
    }
  });

  it("a turn that others ended before a proposal was late says nothing", () => {
    const leaders = open();
    for (let round = 0; round < 20; round++) leaders.judgeTurn(LATE, turn(undefined, 10));
    expect(leaders.isFailing(LATE)).toBe(false);
  });

  it("sixteen timely proposals end the skipping, also in turns that were skipped, and one does not", () => {
    const leaders = open();
    for (let round = 0; round < 6; round++) {
      while (!leaders.isFailing(LATE)) leaders.judgeTurn(LATE, turn(undefined));
      for (let timely = 0; timely < 16; timely++) {
        expect(leaders.isFailing(LATE)).toBe(true);
        leaders.judgeTurn(LATE, turn(5));
      }
      expect(leaders.isFailing(LATE)).toBe(false);
    }
  });

  it("a leader that fails in two turns of three is waited for in few of them", () => {
    const leaders = open();
    let waited = 0;
    for (let round = 0; round < 1_000; round++) {
      const isTimely = round % 3 === 2;
      if (!isTimely && !leaders.isFailing(LATE)) waited += 1;
      leaders.judgeTurn(LATE, turn(isTimely ? 5 : undefined));
    }
    expect(waited).toBeLessThan(1_000 / 16);
  });

  it("a leader that fails in fewer turns than one of sixteen is never skipped", () => {
    const leaders = open();
    for (let round = 0; round < 1_000; round++) {
      leaders.judgeTurn(LATE, turn(round % 18 === 0 ? undefined : 5));
      expect(leaders.isFailing(LATE)).toBe(false);
    }
  });

  it("R32: after one failed turn proposals are relayed to a leader for 64 timely turns", () => {
    const leaders = open();
    expect(leaders.needsRelay(LATE)).toBe(false);
    leaders.judgeTurn(LATE, turn(undefined));
    for (let timely = 0; timely < 64; timely++) {
      expect(leaders.needsRelay(LATE)).toBe(true);
      leaders.judgeTurn(LATE, turn(5));
    }
    expect(leaders.needsRelay(LATE)).toBe(false);
    expect(leaders.needsRelay(HONEST)).toBe(false);
  });

  it("no more than f leaders are skipped, however their turns end", () => {
    const leaders = open(7, 2);
    const failing = () =>
      [0, 1, 2, 3, 4, 5, 6].filter((leader) => leaders.isFailing(validatorIndex(leader)));
    for (let round = 0; round < 200; round++) {
      for (const leader of [0, 1, 2, 3, 4, 5, 6]) {
        leaders.judgeTurn(validatorIndex(leader), turn(undefined));
        expect(failing().length).toBeLessThanOrEqual(2);
      }
    }
    expect(failing()).toHaveLength(2);
  });
});

describe("R13: a view in which no block can be notarized any more is given up at once", () => {
  const block = blockOn(GENESIS, 1, { operations: ["a"] });

  it("after f + 1 nullify votes of validators that said no notarize", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    bench.approve(block);
    expect(said(bench.hearNullify(2, 1))).toEqual([]);
    expect(said(bench.hearNullify(3, 1))).toEqual(["nullify 1"]);
  });

  it("not before: f faulty validators end no view", () => {
    const bench = new Bench({ nodes: 7 });
    bench.hearProposal(block);
    bench.approve(block);
    for (const signer of [2, 3]) expect(said(bench.hearNullify(signer, 1))).toEqual([]);
  });

  it("after notarize votes for two blocks that leave neither a quorum", () => {
    const bench = new Bench();
    const other = blockOn(GENESIS, 1, { operations: ["b"] });
    bench.hearProposal(block);
    bench.approve(block);
    expect(said(bench.hearVote(notarizeOf(2, other)))).toEqual([]);
    expect(said(bench.hearVote(notarizeOf(3, other)))).toEqual(["nullify 1"]);
  });

  it("not while those who said nullify had said notarize before", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    bench.hearVote(notarizeOf(2, block));
    expect(said(bench.hearNullify(2, 1))).toEqual([]);
    expect(said(bench.hearNullify(3, 1))).toEqual([]);
    bench.approve(block);
    expect(bench.view).toBe(2);
  });
});
