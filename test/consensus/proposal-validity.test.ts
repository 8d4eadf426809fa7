/** R10 to R12: the conditions under which a node votes for a proposal. */
import { describe, expect, it } from "vitest";
import type { Block, Header } from "../../src/primitives/block.ts";
import { epoch, height, validatorIndex } from "../../src/primitives/numbers.ts";
import {
  Bench,
  blockOn,
  D,
  finalization,
  GENESIS,
  NETWORK,
  notarization,
  nullification,
  requested,
  START,
  said,
  sent,
  T,
} from "./harness.ts";

const block = blockOn(GENESIS, 1, { operations: ["a"] });

/** A node that holds this many notarized blocks with operations, none of them final, in the view above. */
function onBranchOf(count: number, self = 0) {
  const bench = new Bench({ self });
  const blocks: Block[] = [];
  for (let at = 1; at <= count; at++) {
    const next = blockOn(blocks.at(-1) ?? GENESIS, at, { operations: ["a"] });
    bench.hearCertificates(notarization(next));
    bench.step({ kind: "fetched", blocks: [next] });
    blocks.push(next);
  }
  const [lowest, top] = [blocks[0], blocks.at(-1)];
  if (lowest === undefined || top === undefined) throw new Error("an empty branch");
  return { bench, top, lowest };
}

describe("R12: notarize the first valid proposal of the view", () => {
  it("asks the application, then votes, with block and vote recorded before", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    const [request] = requested("verify", bench.output);
    expect(request?.proposal.hash).toEqual(block.hash);
    expect(said(bench.output)).toEqual([]);
    const output = bench.approve(block);
    expect(said(output)).toEqual(["notarize 1"]);
    expect(output.journal.map(({ kind }) => kind)).toEqual(["block", "vote"]);
  });

  it("votes once, also if the proposal comes again", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    bench.approve(block);
    bench.hearProposal(block);
    expect(requested("verify", bench.output)).toEqual([]);
    expect(said(bench.approve(block))).toEqual([]);
  });

  it("keeps to the first of two proposals", () => {
    const bench = new Bench();
    const other = blockOn(GENESIS, 1, { operations: ["b"] });
    bench.hearProposal(block);
    bench.hearProposal(other);
    expect(said(bench.approve(other))).toEqual([]);
    expect(said(bench.approve(block))).toEqual(["notarize 1"]);
  });

  it("never after nullify", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    expect(said(...bench.pass(T))).toContain("nullify 1");
    expect(said(bench.approve(block))).toEqual([]);
  });

  it("never in a view that was left", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    bench.hearCertificates(nullification(1));
    expect(said(bench.approve(block))).toEqual([]);
  });

  it("a proposal for the next view waits until it is entered", () => {
    const bench = new Bench();
    bench.hearProposal(blockOn(GENESIS, 2));
    expect(requested("verify", bench.output)).toEqual([]);
    expect(requested("verify", bench.hearCertificates(nullification(1)))).toHaveLength(1);
  });

  it("a proposal that another node passes on is not judged", () => {
    const bench = new Bench();
    bench.hearProposal(block, 2);
    expect(requested("verify", bench.output)).toEqual([]);
  });

  it("a proposal of a node that is not the leader is ignored", () => {
    const bench = new Bench();
    bench.hearProposal(blockOn(GENESIS, 1, { header: { proposer: validatorIndex(2) } }));
    expect(requested("verify", bench.output)).toEqual([]);
    expect(said(bench.output)).toEqual([]);
  });
});

describe("R10: invalid costs a nullify at once", () => {
  const table: [string, Partial<Header>][] = [
    ["another network", { networkId: NETWORK.slice().reverse() }],
    ["a wrong operation count", { operationCount: 3 }],
    ["a height that skips one", { height: height(2) }],
    ["the height of the final block", { height: height(0) }],
    ["a parent next to the final block that is not it", { parentHash: NETWORK }],
    ["a time below the parent's", { time: START - 1 }],
    ["a time too far behind", { time: START - D - 1 }],
  ];
  for (const [name, header] of table) {
    it(name, () => {
      const bench = new Bench();
      bench.hearProposal(blockOn(GENESIS, 1, { operations: ["a"], header }));
      expect(said(bench.output)).toEqual(["nullify 1"]);
      expect(requested("verify", bench.output)).toEqual([]);
    });
  }

  it("the application's word", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    bench.step({ kind: "verified", blockHash: block.hash, verdict: { kind: "invalid" } });
    expect(said(bench.output)).toEqual(["nullify 1"]);
  });

  it("a parent below the highest finalization", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(block));
    bench.step({ kind: "fetched", blocks: [block] });
    const second = blockOn(block, 2);
    bench.hearCertificates(finalization(second));
    bench.hearProposal(blockOn(block, 3));
    expect(said(bench.output)).toContain("nullify 3");
  });

  it("a proposal of another epoch is ignored: its validators are not known here", () => {
    const bench = new Bench();
    bench.hearProposal(blockOn(GENESIS, 1, { header: { epoch: epoch(2) } }));
    expect(requested("verify", bench.output)).toEqual([]);
  });
});

describe("R10: what is not yet known is asked for, and the proposal waits", () => {
  it("a finalization, for operations on top of 8 blocks with some: an honest leader knows one", () => {
    const { bench, top, lowest } = onBranchOf(8);
    const proposed = blockOn(top, 9, { operations: ["a"] });
    bench.hearProposal(proposed);
    expect(requested("verify", bench.output)).toEqual([]);
    expect(said(bench.output)).toEqual([]);
    expect(sent("question", bench.output)).toMatchObject([{ to: 1, message: { from: 8, to: 8 } }]);
    bench.hearCertificates(finalization(lowest));
    const [request] = requested("verify", bench.output);
    expect(request?.proposal.hash).toEqual(proposed.hash);
    expect(said(bench.approve(proposed))).toEqual(["notarize 9"]);
  });

  it("no finalization for an empty block, or on top of fewer", () => {
    for (const [count, operations] of [
      [8, []],
      [7, ["a"]],
    ] as const) {
      // View 8 is led by the bench itself.
      const { bench, top } = onBranchOf(count, count === 7 ? 1 : 0);
      bench.hearProposal(blockOn(top, count + 1, { operations }));
      expect(requested("verify", bench.output)).toHaveLength(1);
    }
  });

  it("what the application lacks: it is asked again, and may answer by itself", () => {
    const bench = new Bench();
    bench.hearProposal(block);
    const verdict = { kind: "notYetKnown" } as const;
    bench.step({ kind: "verified", blockHash: block.hash, verdict });
    expect(said(bench.output)).toEqual([]);
    expect(requested("verify", ...bench.pass(T / 4))).toHaveLength(1);
    bench.step({ kind: "verified", blockHash: block.hash, verdict });
    expect(said(bench.approve(block))).toEqual(["notarize 1"]);
  });

  it("a nullification between: asked of the proposer, then of all", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(3));
    bench.hearCertificates(nullification(1));
    const late = blockOn(GENESIS, 4);
    // View 4 is led by node 0, the bench itself: look at view 5.
    bench.hearCertificates(nullification(4));
    const proposed = blockOn(GENESIS, 5);
    bench.hearProposal(proposed);
    expect(late.header.view).toBe(4);
    const [question] = sent("question", bench.output);
    expect(question).toMatchObject({ to: 1, message: { from: 1, to: 2, block: undefined } });
    expect(requested("verify", bench.output)).toEqual([]);
    expect(sent("question", ...bench.pass(T / 4))[0]?.to).toBe("all");
    bench.hearCertificates(nullification(2));
    expect(requested("verify", bench.output)).toHaveLength(1);
  });

  it("a skipped notarized view is not a nullified one", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(block));
    bench.step({ kind: "fetched", blocks: [block] });
    bench.hearProposal(blockOn(GENESIS, 2));
    expect(requested("verify", bench.output)).toEqual([]);
    bench.hearCertificates(nullification(1));
    expect(requested("verify", bench.output)).toHaveLength(1);
  });

  it("the parent's notarization, by the parent's hash", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(2));
    const child = blockOn(block, 3);
    bench.hearProposal(child);
    const [question] = sent("question", bench.output);
    expect(question).toMatchObject({ to: 3, message: { from: 1, to: 1, block: block.hash } });
    bench.hearCertificates(notarization(block));
    expect(requested("fetchBlocks", bench.output)[0]?.hash).toEqual(block.hash);
    bench.step({ kind: "fetched", blocks: [block] });
    expect(requested("verify", bench.output)[0]?.ancestors).toEqual([block]);
  });

  it("a body below the parent", () => {
    const bench = new Bench();
    const second = blockOn(block, 2);
    bench.hearCertificates(notarization(block), notarization(second));
    bench.step({ kind: "fetched", blocks: [second] });
    bench.hearProposal(blockOn(second, 3));
    expect(requested("verify", bench.output)).toEqual([]);
    bench.step({ kind: "fetched", blocks: [block] });
    expect(requested("verify", bench.output)[0]?.ancestors).toEqual([block, second]);
  });
});

describe("R11: block time", () => {
  it("a block from too far ahead waits until the clock is near enough", () => {
    const bench = new Bench();
    bench.hearProposal(blockOn(GENESIS, 1, { header: { time: START + D + 100 } }));
    expect(requested("verify", bench.output)).toEqual([]);
    expect(requested("verify", ...bench.pass(99))).toEqual([]);
    expect(requested("verify", ...bench.pass(1))).toHaveLength(1);
  });

  it("is judged by the clock at the first arrival: waiting does not make it too old", () => {
    const bench = new Bench();
    bench.now += D;
    bench.hearProposal(blockOn(GENESIS, 2));
    bench.now += T;
    expect(requested("verify", bench.hearCertificates(nullification(1)))).toHaveLength(1);
  });

  it("a block as old as D is taken, one older is not", () => {
    for (const [age, taken] of [
      [D, 1],
      [D + 1, 0],
    ] as const) {
      const bench = new Bench();
      bench.now += age;
      bench.hearProposal(block);
      expect(requested("verify", bench.output)).toHaveLength(taken);
    }
  });
});
