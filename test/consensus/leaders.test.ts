/** R5, R13, R32: leaders that vote but do not propose, and views in which no block can be notarized any more. */
import { describe, expect, it } from "vitest";
import type { Tip } from "../../src/consensus/ancestry.ts";
import { FailingLeaders } from "../../src/consensus/leaders.ts";
import type { Block } from "../../src/primitives/block.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import {
  Bench,
  blockOn,
  finalization,
  GENESIS,
  HELD_BACK_MS,
  notarization,
  notarizeOf,
  nullification,
  requested,
  said,
  T,
} from "./harness.ts";

/** Node 1 leads views 1, 5, 9 and so on; it votes too but never proposes in time. */
const IDLE = 1;
/** Without node 0, which is the one that is tested. */
const VOTERS = [1, 2, 3];

/** A node in a network in which all turns but those of the idle leader end with a final block. */
class Turns {
  readonly bench = new Bench();
  /** Of all certificates. */
  voters = VOTERS;
  /** Milliseconds that the other leaders take to propose. */
  readonly #proposeMs: number;
  #tip: Tip = GENESIS;

  constructor(proposeMs = 0) {
    this.#proposeMs = proposeMs;
    this.bench.work();
  }

  /** Ends the present view with a block of its leader that is final. */
  endWithBlock(): void {
    const block = this.endNotarized();
    this.bench.hearCertificates(finalization(block, this.voters));
  }

  /** Ends the present view with a block of its leader that is not final yet. */
  endNotarized(): Block {
    const block = this.propose();
    this.bench.hearCertificates(notarization(block, this.voters));
    return block;
  }

  /** Ends the present view as a quorum without this node does. */
  endWithoutBlock(): void {
    this.bench.hearCertificates(nullification(this.bench.view, this.voters));
  }

  /** Comes to the next turn of the idle leader. */
  toTurn(): void {
    while (this.bench.view % 4 !== IDLE) this.endWithBlock();
  }

  /** Comes to the next turn of the idle leader; gives the time that the node waits in it before it says nullify. */
  waited(): number {
    this.toTurn();
    const { bench } = this;
    const begun = bench.now;
    while (!said(bench.output).includes(`nullify ${bench.view}`)) bench.pass(1);
    return bench.now - begun;
  }

  /** The idle leader fails so often that the node skips it; a turn that it skips has begun. */
  skip(): void {
    for (let turn = 0; turn < 3; turn++) {
      expect(this.waited()).toBeGreaterThanOrEqual(T);
      // For so long the leader might have held operations back.
      this.bench.pass(HELD_BACK_MS);
      this.endWithoutBlock();
    }
    expect(this.waited()).toBe(0);
  }

  /** The leader of the present view proposes. */
  propose(): Block {
    const { bench } = this;
    const { view: at } = bench;
    if (at % 4 > 0) bench.pass(HELD_BACK_MS + this.#proposeMs);
    const block = blockOn(this.#tip, at, { operations: [`${at}`], header: { time: bench.now } });
    this.#tip = block;
    if (at % 4 === 0) {
      bench.work();
      bench.built(block);
    } else {
      bench.hearProposal(block);
      bench.approve(block);
    }
    return block;
  }
}

describe("R5: a leader that votes but never proposes", () => {
  it("is waited for in three of its turns, then in none for sixteen, then once again", () => {
    const turns = new Turns();
    turns.skip();
    turns.endWithoutBlock();
    for (let turn = 1; turn < 16; turn++) {
      expect(turns.waited()).toBe(0);
      turns.endWithoutBlock();
    }
    expect(turns.bench.core.status().skippedViews).toBe(16);
    expect(turns.waited()).toBeGreaterThanOrEqual(T);
    turns.endWithoutBlock();
    expect(turns.bench.core.status().skippedViews).toBe(16);
    expect(turns.waited()).toBe(0);
  });
});

describe("R5: a failing leader after f views in a row that brought no final block", () => {
  /** The node skips the idle leader, and is in the view before its next turn. */
  function beforeTurn(): Turns {
    const turns = new Turns();
    turns.skip();
    turns.endWithoutBlock();
    while (turns.bench.view % 4 !== IDLE - 1) turns.endWithBlock();
    return turns;
  }

  it("is waited for: no more than f leaders in a row are faulty", () => {
    const turns = beforeTurn();
    turns.endWithoutBlock();
    expect(turns.waited()).toBeGreaterThanOrEqual(T);
  });

  it("that brought nothing in such a turn is waited for only after 2f + 1 of them", () => {
    const turns = beforeTurn();
    const loseUntilTurn = (count: number) => {
      while (turns.bench.view % 4 !== (IDLE + 4 - count) % 4) turns.endWithBlock();
      for (let lost = 0; lost < count; lost++) turns.endWithoutBlock();
    };
    loseUntilTurn(1);
    expect(turns.waited()).toBeGreaterThanOrEqual(T);
    turns.bench.pass(HELD_BACK_MS);
    turns.endWithoutBlock();
    loseUntilTurn(2);
    expect(turns.waited()).toBe(0);
    turns.endWithoutBlock();
    loseUntilTurn(3);
    expect(turns.waited()).toBeGreaterThanOrEqual(T);
  });

  it("has its mark until sixteen timely turns or a pardon, and gets none by a turn that was skipped", () => {
    const leader = validatorIndex(IDLE);
    for (const ending of ["timely turns", "pardon"] as const) {
      const leaders = new FailingLeaders({ validators: 4, faults: 1, timeoutBaseMs: T });
      const turn = (latencyMs?: number, isSkipped = false) => {
        leaders.judgeTurn(leader, { waitedMs: T, latencyMs, timeoutMs: T, isSkipped });
      };
      for (let failed = 0; failed < 3; failed++) turn();
      turn(undefined, true);
      expect(leaders.isWaitedInVain(leader)).toBe(false);
      turn();
      expect(leaders.isWaitedInVain(leader)).toBe(true);
      if (ending === "pardon") leaders.pardon(leader);
      for (let timely = 0; ending !== "pardon" && timely < 16; timely++) {
        expect(leaders.isWaitedInVain(leader)).toBe(true);
        turn(5);
      }
      expect(leaders.isWaitedInVain(leader)).toBe(false);
    }
  });

  it("is waited for after a block that is only notarized, and skipped again once that is final", () => {
    const turns = beforeTurn();
    const block = turns.endNotarized();
    expect(said(...turns.bench.pass(T / 2))).not.toContain(`nullify ${turns.bench.view}`);
    const output = turns.bench.hearCertificates(finalization(block, VOTERS));
    expect(said(output)).toContain(`nullify ${turns.bench.view}`);
  });

  it("is skipped although a proposal of it is here that is not found valid", () => {
    const turns = beforeTurn();
    const block = turns.endNotarized();
    const { view: at } = turns.bench;
    turns.bench.hearProposal(blockOn(block, at, { header: { time: turns.bench.now } }));
    const output = turns.bench.hearCertificates(finalization(block, VOTERS));
    expect(said(output)).toContain(`nullify ${at}`);
  });

  it("is not skipped any more once its proposal is valid", () => {
    const turns = beforeTurn();
    const block = turns.endNotarized();
    const { view: at } = turns.bench;
    turns.propose();
    const output = turns.bench.hearCertificates(finalization(block, VOTERS));
    expect(said(output)).not.toContain(`nullify ${at}`);
    expect(said(...turns.bench.pass(T / 2))).toContain(`notarize ${at}`);
  });

  it("R6: gets the operations that are repeated for its turn", () => {
    const turns = beforeTurn();
    const told = requested("repeatOperations", ...turns.bench.pass(T)).map(({ leader }) => leader);
    expect(told.at(-1)).toBe(IDLE);
  });
});

describe("R5: a leader that this node skips and others wait for", () => {
  it("is waited for again if a quorum votes for its block", () => {
    for (const certificate of [notarization, finalization]) {
      const turns = new Turns();
      turns.skip();
      turns.bench.hearCertificates(certificate(turns.propose(), VOTERS));
      expect(turns.waited()).toBeGreaterThanOrEqual(T);
    }
  });

  it.each([0, T / 2])(
    "is waited for again if the view is nullified half of the shortest timeout later, and not sooner, where proposals take %i ms",
    (proposeMs) => {
      for (const [afterMs, isShared] of [
        [T / 2 - 1, true],
        [T / 2, false],
      ] as const) {
        const turns = new Turns(proposeMs);
        turns.skip();
        turns.bench.pass(afterMs);
        turns.endWithoutBlock();
        expect(turns.waited() === 0).toBe(isShared);
      }
    },
  );

  it("is not judged by time before there was work", () => {
    const turns = new Turns();
    turns.skip();
    turns.endWithoutBlock();
    while (turns.bench.view % 4 !== IDLE - 1) turns.endWithBlock();
    const block = turns.propose();
    turns.bench.work(false);
    turns.bench.hearCertificates(notarization(block, VOTERS), finalization(block, VOTERS));
    turns.bench.pass(10 * T);
    expect(said(turns.bench.work())).toContain(`nullify ${turns.bench.view}`);
    turns.endWithoutBlock();
    expect(turns.waited()).toBe(0);
  });

  it("is not judged by a later view", () => {
    const turns = new Turns();
    turns.skip();
    turns.bench.pass(T);
    turns.bench.hearCertificates(nullification(turns.bench.view + 1, VOTERS));
    expect(turns.waited()).toBe(0);
  });

  it("is skipped again, and for longer, after one more failed turn, although others go on waiting", () => {
    const turns = new Turns();
    turns.skip();
    turns.bench.pass(T);
    turns.endWithoutBlock();
    expect(turns.waited()).toBeGreaterThanOrEqual(T);
    turns.endWithoutBlock();
    for (let turn = 0; turn < 64; turn++) {
      expect(turns.waited()).toBe(0);
      turns.bench.pass(T);
      turns.endWithoutBlock();
    }
    expect(turns.waited()).toBeGreaterThanOrEqual(T);
  });

  it("is waited for again a second time only once all is forgiven, after 32 timely turns", () => {
    const [validators, faults, leader] = [4, 1, validatorIndex(IDLE)];
    const leaders = new FailingLeaders({ validators, faults, timeoutBaseMs: T });
    const turn = (latencyMs?: number) => {
      leaders.judgeTurn(leader, { waitedMs: T, latencyMs, timeoutMs: T });
    };
    const fail = () => {
      while (!leaders.isFailing(leader)) turn();
    };
    expect(leaders.pardon(leader)).toBe(false);
    fail();
    expect(leaders.pardon(leader)).toBe(true);
    expect(leaders.isFailing(leader)).toBe(false);
    for (let timely = 0; timely < 31; timely++) turn(5);
    fail();
    expect(leaders.pardon(leader)).toBe(false);
    while (leaders.isFailing(leader)) turn(5);
    for (let timely = 0; timely < 32; timely++) turn(5);
    fail();
    expect(leaders.pardon(leader)).toBe(true);
  });

  it("is waited for again if a quorum votes for its block after a time without work", () => {
    const turns = new Turns();
    turns.skip();
    turns.bench.work(false);
    turns.bench.pass(10 * T);
    turns.bench.work();
    turns.bench.hearCertificates(notarization(turns.propose(), VOTERS));
    expect(turns.waited()).toBeGreaterThanOrEqual(T);
  });

  it("is not judged by a view that had no more work in the meantime", () => {
    const turns = new Turns();
    turns.skip();
    turns.bench.work(false);
    turns.bench.pass(10 * T);
    turns.bench.work();
    turns.endWithoutBlock();
    expect(turns.waited()).toBe(0);
    turns.bench.work(false);
    turns.bench.pass(10 * T);
    turns.endWithoutBlock();
    turns.bench.work();
    expect(turns.waited()).toBe(0);
  });

  it("is not judged by a turn that was skipped because it was silent", () => {
    const turns = new Turns();
    turns.skip();
    turns.voters = [0, 2, 3];
    turns.endWithoutBlock();
    for (let turn = 0; turn < 2; turn++) {
      expect(turns.waited()).toBeLessThan(T);
      turns.endWithoutBlock();
    }
    while (turns.bench.view % 4 !== IDLE - 1) turns.endWithBlock();
    turns.bench.hearCertificates(finalization(turns.propose(), turns.voters));
    turns.bench.pass(T);
    turns.endWithoutBlock();
    turns.voters = VOTERS;
    expect(turns.waited()).toBeLessThan(T);
  });

  it("is reported when it counts as failing, and when it no longer does", () => {
    const turns = new Turns();
    for (let turn = 0; turn < 2; turn++) {
      turns.waited();
      turns.endWithoutBlock();
    }
    const [failing, forgiven] = [true, false].map((isFailing) => {
      turns.waited();
      turns.bench.pass(T);
      const { view: at } = turns.bench;
      turns.endWithoutBlock();
      const report = { kind: "reportFailing", view: at, leader: IDLE, isFailing };
      return [requested("reportFailing", turns.bench.output), [report]];
    });
    expect(failing?.[0]).toEqual(failing?.[1]);
    expect(forgiven?.[0]).toEqual(forgiven?.[1]);
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
