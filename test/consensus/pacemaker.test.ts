/** R2 to R6, R13, R20: the moments at which a node acts, and its waits. */
import { describe, expect, it } from "vitest";
import type { Output } from "../../src/consensus/interface.ts";
import {
  Bench,
  blockOn,
  finalization,
  GENESIS,
  HELD_BACK_MS,
  notarization,
  nullification,
  requested,
  said,
  sent,
  T,
} from "./harness.ts";

describe("R2, R3: timers run only while there is work", () => {
  const block = blockOn(GENESIS, 1);
  const next = blockOn(block, 2);
  const table: [string, (bench: Bench) => void, boolean][] = [
    ["nothing", () => undefined, false],
    ["a pooled operation that the branch lacks", (bench) => bench.work(), true],
    ["a proposal", (bench) => bench.hearProposal(block), true],
    ["a proposal for the next view", (bench) => bench.hearProposal(next), true],
    [
      "a notarized block above the final one",
      (bench) => bench.hearCertificates(notarization(block)),
      true,
    ],
    ["a view entered by a nullification", (b) => b.hearCertificates(nullification(1)), false],
    ["one nullify vote", (bench) => bench.hearNullify(1, 1), false],
    [
      "f + 1 nullify votes, of validators that said notarize before",
      (bench) => {
        for (const vote of notarization(block, [1, 2]).signatures) {
          bench.hearVote({ ...notarization(block).subject, ...vote });
          bench.hearNullify(vote.signer, 1);
        }
      },
      true,
    ],
    ["notarize votes of others", (bench) => bench.hearVote(notarizeBy2(block)), false],
  ];
  for (const [name, happen, works] of table) {
    it(`${name}: ${works ? "work" : "none"}`, () => {
      const bench = new Bench();
      happen(bench);
      expect(bench.core.status().working).toBe(works);
      const { view } = bench;
      const outputs = bench.pass(3 * T);
      expect(said(...outputs).includes(`nullify ${view}`)).toBe(works);
      if (!works) expect(outputs.filter(({ messages }) => messages.length > 0)).toEqual([]);
    });
  }

  it("stops when the work is gone", () => {
    const bench = new Bench();
    bench.work();
    bench.pass(T - 1);
    bench.work(false);
    expect(said(...bench.pass(10 * T))).toEqual([]);
    expect(bench.output.deadline).toBeUndefined();
  });

  it("a finalization whose blocks are missing is fetched and is no work", () => {
    const bench = new Bench();
    bench.hearCertificates(finalization(block));
    expect(bench.core.status().working).toBe(false);
    const outputs = bench.pass(2 * T);
    expect(said(...outputs)).toEqual([]);
    expect(requested("fetchBlocks", ...outputs).length).toBeGreaterThan(5);
  });
});

function notarizeBy2(block: ReturnType<typeof blockOn>) {
  const certificate = notarization(block, [2]);
  const { signer, signature } = certificate.signatures[0] ?? raise();
  return { ...certificate.subject, signer, signature };
}

function raise(): never {
  throw new Error("no signature");
}

describe("R13: the timeout costs a nullify", () => {
  it("once, after all of the timeout, with the final height", () => {
    const bench = new Bench();
    bench.work();
    expect(said(...bench.pass(T - 1))).toEqual([]);
    const [first] = sent("nullify", ...bench.pass(1));
    expect(first?.message).toMatchObject({ vote: { view: 1 }, finalHeight: 0 });
    expect(bench.output.journal.map(({ kind }) => kind)).toEqual(["vote"]);
  });
});

describe("R4: the length of the timeout", () => {
  function timeoutAfter(...views: ("nullified" | "notarized" | "final")[]): number {
    const bench = new Bench();
    let parent = GENESIS;
    for (const [position, kind] of views.entries()) {
      const at = position + 1;
      const block = blockOn(parent, at);
      if (kind === "nullified") bench.hearCertificates(nullification(at));
      else bench.hearCertificates(kind === "final" ? finalization(block) : notarization(block));
      if (kind !== "nullified") {
        bench.step({ kind: "fetched", blocks: [block] });
        parent = block;
      }
    }
    return bench.core.status().timeoutMs;
  }

  it("doubles after every f + 1 nullified views in a row", () => {
    expect(timeoutAfter("nullified")).toBe(T);
    expect(timeoutAfter("nullified", "nullified")).toBe(2 * T);
    expect(timeoutAfter("nullified", "nullified", "nullified")).toBe(2 * T);
    expect(timeoutAfter("nullified", "nullified", "nullified", "nullified")).toBe(4 * T);
  });

  it("does not double if a notarized view lies between", () => {
    expect(timeoutAfter("nullified", "notarized", "nullified")).toBe(T);
  });

  it("doubles after every 64 views without a finalization, however many are notarized", () => {
    const notarized = (count: number) => new Array<"notarized">(count).fill("notarized");
    expect(timeoutAfter(...notarized(63))).toBe(T);
    expect(timeoutAfter(...notarized(64))).toBe(2 * T);
    expect(timeoutAfter(...notarized(128))).toBe(4 * T);
    expect(timeoutAfter(...notarized(64), "final")).toBe(T);
    expect(timeoutAfter(...notarized(40), "final", ...notarized(40))).toBe(T);
  });

  it("grows to a cap", () => {
    expect(timeoutAfter(...new Array<"nullified">(20).fill("nullified"))).toBe(8 * T);
  });

  /**
   * The timeout after two rounds in which the proposals of the leaders 1, 2 and 3 took so long, from when they could no longer
   * be held back; this node is 0.
   */
  function timeoutBeside(...latenciesMs: [number, number, number]): number {
    const bench = new Bench();
    let parent = GENESIS;
    for (let at = 1; at < 8; at++) {
      const block = blockOn(parent, at, { operations: [`${at}`] });
      if (at % 4 !== 0) {
        bench.work(false);
        bench.work();
        bench.pass(HELD_BACK_MS + (latenciesMs[(at % 4) - 1] ?? 0));
        bench.hearProposal(block);
        bench.approve(block);
      }
      bench.hearCertificates(finalization(block));
      bench.step({ kind: "fetched", blocks: [block] });
      parent = block;
    }
    expect(bench.core.status().finalHeight).toBe(7);
    return bench.core.status().timeoutMs;
  }

  it("is four times what the proposals of most leaders take, so that a slow machine ends no view for nothing", () => {
    expect(timeoutBeside(T / 8, T / 8, T / 8)).toBe(T);
    expect(timeoutBeside(T / 2, T / 2, T / 2)).toBe(2 * T);
    expect(timeoutBeside(T / 2, T - 1, T / 2)).toBe(2 * T);
  });

  it("is not stretched by f leaders that propose late", () => {
    expect(timeoutBeside(T / 8, T - 1, T / 8)).toBe(T);
  });

  it("is stretched to four times its shortest value at most by a member that keeps operations from each leader", () => {
    const bench = new Bench();
    let parent = GENESIS;
    for (let at = 1; at < 8; at++) {
      const header = { time: bench.now };
      const block = blockOn(parent, at, { operations: [`${at}`], header });
      if (at % 4 !== 0) {
        bench.work(false);
        bench.work();
        // The leader gets the operation when this node sends it on.
        while (requested("repeatOperations", ...bench.pass(1)).length === 0);
        bench.pass(10);
        bench.hearProposal(block);
        bench.approve(block);
      }
      bench.hearCertificates(finalization(block));
      bench.step({ kind: "fetched", blocks: [block] });
      parent = block;
    }
    expect(bench.core.status().timeoutMs).toBe(4 * T);
  });

  it("falls back at a finalization, and not at a notarization", () => {
    expect(timeoutAfter("nullified", "nullified", "notarized")).toBe(2 * T);
    expect(timeoutAfter("nullified", "nullified", "final")).toBe(T);
  });

  it.each([
    ["doubles when an empty block is final only after the next empty one came", [], [], 2 * T],
    ["falls back if the next block carries operations", [], ["a"], T],
    ["falls back if the final block carries operations", ["a"], [], T],
  ])("%s", (_, lower, upper, timeoutMs) => {
    const bench = new Bench();
    const first = blockOn(GENESIS, 1, { operations: lower });
    const second = blockOn(first, 2, { operations: upper });
    bench.hearCertificates(notarization(first), notarization(second));
    bench.step({ kind: "fetched", blocks: [first, second] });
    bench.hearCertificates(finalization(first));
    expect(bench.core.status()).toMatchObject({ finalHeight: 1, timeoutMs });
    bench.hearCertificates(finalization(second));
    expect(bench.core.status()).toMatchObject({ finalHeight: 2, timeoutMs: T });
  });
});

describe("R5: silent leaders", () => {
  /** Views 1 to 9 pass; node 1 leads 1, 5 and 9, and says nothing. */
  function ninthView(): Bench {
    const bench = new Bench();
    for (let at = 1; at < 9; at++) bench.hearCertificates(nullification(at, [0, 2, 3]));
    return bench;
  }

  it("the turn of a leader unseen for n whole views is nullified as soon as there is work", () => {
    const bench = ninthView();
    expect(said(bench.output)).toEqual([]);
    expect(said(bench.work())).toEqual(["nullify 9"]);
  });

  it("a vote inside a certificate ends the silence", () => {
    const bench = ninthView();
    bench.hearCertificates(nullification(9, [1, 2, 3]));
    for (let at = 10; at < 13; at++) bench.hearCertificates(nullification(at, [0, 2, 3]));
    expect(bench.view).toBe(13);
    expect(said(bench.work())).toEqual([]);
  });

  it("a vote of the leader's own ends the silence", () => {
    const bench = ninthView();
    bench.hearNullify(1, 9);
    expect(said(bench.work())).toEqual([]);
  });

  it("after a start no leader counts as silent", () => {
    const bench = ninthView();
    bench.restart();
    expect(bench.view).toBe(9);
    expect(said(bench.work())).toEqual([]);
  });

  it("no leader counts as silent after a jump over many views", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(500, [0, 2, 3]));
    expect(said(bench.work())).toEqual([]);
  });
});

describe("a view that ended by its timeout", () => {
  it("is counted and reported with its leader, once it is over", () => {
    const bench = new Bench();
    bench.work();
    expect(requested("reportTimeout", ...bench.pass(T))).toEqual([]);
    expect(bench.core.status().timedOutViews).toBe(0);
    expect(requested("reportTimeout", bench.hearCertificates(nullification(1)))).toEqual([
      { kind: "reportTimeout", view: 1, leader: 1, timeoutMs: T },
    ]);
    expect(bench.core.status().timedOutViews).toBe(1);
  });

  it("is not one that others gave up, or that ended well after all", () => {
    const others = new Bench();
    others.work();
    expect(requested("reportTimeout", others.hearCertificates(nullification(1)))).toEqual([]);
    const late = new Bench();
    late.work();
    late.pass(T);
    expect(requested("reportTimeout", late.hearCertificates(nullification(2)))).toEqual([]);
    for (const bench of [others, late]) expect(bench.core.status().timedOutViews).toBe(0);
  });
});

describe("R6: no operation may be known to one node alone", () => {
  it("repeats its oldest operations at half the timeout and with each nullify", () => {
    const bench = new Bench();
    bench.work();
    expect(leadersTold(...bench.pass(T / 2 - 1))).toEqual([]);
    expect(leadersTold(...bench.pass(1))).toEqual([1]);
    expect(leadersTold(...bench.pass(T / 2))).toEqual([2]);
    expect(leadersTold(...bench.pass(T))).toEqual([2, 2, 2, 2]);
  });

  it("waits for the nullify if the leader of the view has made its proposal", () => {
    const bench = new Bench();
    bench.work();
    bench.hearProposal(blockOn(GENESIS, 1, { operations: ["a"] }));
    expect(leadersTold(...bench.pass(T / 2))).toEqual([]);
    expect(leadersTold(...bench.pass(T / 2))).toEqual([2]);
  });

  it("passes over a leader that is skipped", () => {
    const bench = new Bench();
    bench.work();
    // Member 2, which leads view 10, is heard in none of these views.
    for (let at = 1; at <= 8; at++) bench.hearCertificates(nullification(at, [0, 1, 3]));
    const { view, timeoutMs } = bench.core.status();
    expect(view).toBe(9);
    expect(leadersTold(...bench.pass(timeoutMs / 2))).toEqual([1]);
    expect(leadersTold(...bench.pass(timeoutMs / 2)).at(0)).toBe(3);
  });

  function leadersTold(...outputs: readonly Output[]): number[] {
    return requested("repeatOperations", ...outputs).map(({ leader }) => leader);
  }
});

describe("R20: what may have been lost is said again while there is work", () => {
  it("notarize, then nullify as well, every quarter of the timeout", () => {
    const bench = new Bench();
    const block = blockOn(GENESIS, 1);
    bench.hearProposal(block);
    expect(said(bench.approve(block))).toEqual(["notarize 1"]);
    expect(said(...bench.pass(T / 4))).toEqual(["notarize 1"]);
    expect(said(...bench.pass(T / 4))).toEqual(["notarize 1"]);
    expect(said(...bench.pass(T / 2))).toEqual([
      "notarize 1",
      "nullify 1",
      "notarize 1",
      "nullify 1",
    ]);
  });

  it("repeating needs no new record", () => {
    const bench = new Bench();
    const block = blockOn(GENESIS, 1);
    bench.hearProposal(block);
    bench.approve(block);
    const outputs = bench.pass(T / 2);
    expect(outputs.some(({ journal }) => journal.length > 0)).toBe(false);
  });

  it("finalize votes until the finalization is known", () => {
    const bench = new Bench();
    const block = blockOn(GENESIS, 1);
    bench.hearProposal(block);
    bench.approve(block);
    expect(said(bench.hearCertificates(notarization(block)))).toEqual(["finalize 1"]);
    expect(said(...bench.pass(T / 4))).toEqual(["finalize 1"]);
    bench.hearCertificates(finalization(block));
    expect(said(...bench.pass(2 * T))).toEqual([]);
  });

  it("the leader says its proposal, leaf hashes included", () => {
    const bench = new Bench({ self: 1 });
    bench.work();
    const block = blockOn(GENESIS, 1, { operations: ["a", "b"] });
    bench.built(block);
    const [first] = sent("proposal", bench.output);
    const [again] = sent("proposal", ...bench.pass(T / 4));
    expect(again?.message.proposal).toEqual(first?.message.proposal);
    expect(again?.message.proposal.leafHashes).toHaveLength(2);
  });
});
