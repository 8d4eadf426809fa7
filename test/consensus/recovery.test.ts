/** R23, R24, R26: records are durable before a message leaves, and a node continues from them after a crash. */

import { describe, expect, it } from "vitest";
import type { Output } from "../../src/consensus/interface.ts";
import { type JournalEntry, JournalIndex, viewOf } from "../../src/consensus/journal.ts";
import { view } from "../../src/primitives/numbers.ts";
import {
  Bench,
  blockOn,
  finalization,
  GENESIS,
  notarization,
  nullification,
  requested,
  said,
  sent,
  T,
} from "./harness.ts";

const first = blockOn(GENESIS, 1, { operations: ["a"] });
const second = blockOn(first, 2);

describe("R28: a journal that begins late", () => {
  it("says nothing below its first view, as follower or at a timeout, and speaks from there on", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    bench.restart({ lost: bench.journal.length, firstView: view(3) });
    const other = blockOn(GENESIS, 1);
    bench.hearProposal(other);
    expect(requested("verify", bench.output)).toEqual([]);
    expect(said(...bench.pass(2 * T))).toEqual([]);
    bench.hearCertificates(notarization(first));
    expect(said(...bench.pass(2 * T))).toEqual([]);
    bench.hearCertificates(nullification(2));
    expect(said(...bench.pass(2 * T))).toContain("nullify 3");
  });
});

describe("R24: restart", () => {
  it("starts in the highest view of its journal", () => {
    const bench = new Bench();
    bench.hearCertificates(nullification(3));
    bench.restart();
    expect(bench.view).toBe(4);
  });

  it("says again what it said in its view, and no more", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    expect(said(bench.restart())).toEqual(["notarize 1"]);
    expect(bench.output.journal).toEqual([]);
    bench.pass(T);
    expect(said(bench.restart())).toEqual(["notarize 1", "nullify 1"]);
  });

  it("a vote of its view is work after the restart too", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    bench.restart();
    expect(said(...bench.pass(T / 4))).toEqual(["notarize 1"]);
  });

  it("does not notarize another block in that view", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    bench.restart();
    const other = blockOn(GENESIS, 1);
    bench.hearProposal(other);
    expect(requested("verify", bench.output)).toEqual([]);
    expect(said(bench.approve(other))).toEqual([]);
  });

  it("does not finalize what it nullified", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    bench.pass(T);
    bench.restart();
    expect(said(bench.hearCertificates(notarization(first)))).toEqual([]);
  });

  it("still finalizes late what it did not nullify", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    bench.restart();
    expect(said(bench.hearCertificates(notarization(first)))).toEqual(["finalize 1"]);
  });

  it("a leader stands by the proposal it made", () => {
    const bench = new Bench({ self: 1 });
    bench.work();
    const [made] = sent("proposal", bench.built(first));
    const [again] = sent("proposal", bench.restart());
    expect(again?.message).toEqual(made?.message);
    expect(requested("build", bench.work())).toEqual([]);
  });

  it("a leader that had said nothing may propose", () => {
    const bench = new Bench({ self: 1 });
    bench.work();
    bench.restart();
    expect(requested("build", bench.work())).toHaveLength(1);
  });

  it("what was not durable was not said: the last record may be lost", () => {
    const bench = new Bench();
    bench.hearProposal(first);
    bench.approve(first);
    bench.restart({ lost: 1 });
    const other = blockOn(GENESIS, 1);
    bench.hearProposal(other);
    expect(said(bench.approve(other))).toEqual(["notarize 1"]);
  });

  it("knows notarized blocks, so that all nodes together may crash", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(first));
    bench.step({ kind: "fetched", blocks: [first] });
    bench.restart();
    expect(bench.core.block(first.hash)).toEqual(first);
    expect(said(bench.output)).toEqual(["finalize 1"]);
    expect(bench.core.status().hasUnfinal).toBe(true);
  });

  it("hands out again what was final but not committed", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(first), finalization(first));
    bench.step({ kind: "fetched", blocks: [first] });
    bench.restart();
    expect(bench.output.finalized.map(({ block }) => block)).toEqual([first]);
  });

  it("starts above a committed block without any journal", () => {
    const bench = new Bench();
    bench.journal.length = 0;
    bench.restart({ final: second, finalization: finalization(second) });
    expect(bench.core.status()).toMatchObject({ view: 3, finalHeight: 2 });
  });

  it("a store that is behind its finalization gets the rest from the journal", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(first), notarization(second));
    bench.step({ kind: "fetched", blocks: [first, second] });
    bench.restart({ final: first, finalization: finalization(second) });
    expect(bench.output.finalized.map(({ block }) => block)).toEqual([second]);
  });
});

describe("R23: order in the journal", () => {
  it("the certificate of entry comes before the first vote in a view", () => {
    const bench = new Bench();
    bench.work();
    bench.hearCertificates(nullification(1));
    const entries: JournalEntry["kind"][] = bench.output.journal.map(({ kind }) => kind);
    entries.push(...bench.pass(T).flatMap(({ journal }) => journal.map(({ kind }) => kind)));
    expect(entries).toEqual(["certificate", "vote"]);
  });

  it("an output that sends a vote for the first time has it in the journal", () => {
    const bench = new Bench();
    const recorded = ({ journal }: Output) => {
      return journal.flatMap((entry) => (entry.kind === "vote" ? [entry.vote.kind] : []));
    };
    bench.hearProposal(first);
    expect(recorded(bench.output)).toEqual([]);
    expect(recorded(bench.approve(first))).toEqual(["notarize"]);
    expect(recorded(bench.hearCertificates(notarization(first)))).toEqual(["finalize"]);
    bench.work();
    expect(bench.pass(T).flatMap(recorded)).toEqual(["nullify"]);
  });
});

describe("R26: what of the journal may be dropped", () => {
  const entries: JournalEntry[] = [
    { kind: "block", block: first },
    { kind: "certificate", certificate: notarization(first) },
    { kind: "certificate", certificate: nullification(3) },
    { kind: "block", block: second },
  ];

  it("the beginning, as far as its views are not above the committed block's", () => {
    const index = new JournalIndex();
    for (const [place, entry] of entries.entries()) index.appended(10 + place, entry);
    expect(entries.map(viewOf)).toEqual([1, 1, 3, 2]);
    expect(index.droppableBelow(view(1))).toBe(12);
    expect(index.droppableBelow(view(2))).toBeUndefined();
    expect(index.droppableBelow(view(3))).toBe(14);
    expect(index.droppableBelow(view(9))).toBeUndefined();
  });

  it("a core recovered from what is left stands where the other one stood", () => {
    const bench = new Bench();
    bench.hearCertificates(notarization(first), finalization(first));
    bench.step({ kind: "fetched", blocks: [first] });
    bench.work();
    bench.pass(T);
    const before = bench.core.status();
    const index = new JournalIndex();
    for (const [sequence, entry] of bench.entries().entries()) index.appended(sequence, entry);
    const dropped = index.droppableBelow(first.header.view) ?? 0;
    expect(dropped).toBe(bench.journal.length - 1);
    bench.journal.splice(0, dropped);
    expect(said(bench.restart({ final: first, finalization: finalization(first) }))).toEqual([
      "nullify 2",
    ]);
    const { view: at, finalHeight, finalHash } = before;
    expect(bench.core.status()).toMatchObject({ view: at, finalHeight, finalHash });
  });
});
