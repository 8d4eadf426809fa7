/**
 * R24: a journal from which no core can resume is named, for any content of its records. Method: the journal of a core that has led,
 * voted and left views; records are replaced, removed and repeated. JOURNAL_SEED repeats a run.
 */
import { describe, expect, it } from "vitest";
import { createCore } from "../../src/consensus/core.ts";
import {
  decodeJournalEntry,
  encodeJournalEntry,
  type JournalEntry,
  viewOf,
} from "../../src/consensus/journal.ts";
import { journalFault } from "../../src/consensus/journal-fault.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { epoch, view } from "../../src/primitives/numbers.ts";
import { Random } from "../support/world/random.ts";
import {
  Bench,
  blockOn,
  finalizeOf,
  GENESIS,
  notarization,
  notarizeOf,
  nullification,
  nullifyOf,
  T,
} from "./harness.ts";

const SEED = Number(process.env["JOURNAL_SEED"] ?? Date.now() % 1_000_000);

const first = blockOn(GENESIS, 1, { operations: ["a"] });
const own = blockOn(first, 4, { operations: ["b"] });

/** A node that votes in view 1, gives up 2 and 3, and leads view 4. */
function benchThatLeads(): Bench {
  const bench = new Bench();
  bench.hearProposal(first);
  bench.approve(first);
  bench.hearCertificates(notarization(first));
  bench.work();
  bench.pass(T);
  bench.hearCertificates(nullification(2), nullification(3));
  bench.built(own);
  return bench;
}

const { config } = new Bench();
const entries = benchThatLeads().entries();

function faultOf(changed: readonly JournalEntry[], firstView = view(1)) {
  return journalFault(config, {
    final: GENESIS,
    finalization: undefined,
    firstView,
    entries: changed,
  });
}

function indexOf(kind: JournalEntry["kind"], at: number): number {
  const found = entries.findIndex((entry) => entry.kind === kind && viewOf(entry) === at);
  return found < 0 ? expect.fail(`the journal has a ${kind} of view ${at}`) : found;
}

function without(kind: JournalEntry["kind"], at: number): JournalEntry[] {
  return entries.toSpliced(indexOf(kind, at), 1);
}

/** Everything that the core does at its start, and the answers that its journal decides. */
function resume(changed: readonly JournalEntry[]): void {
  const from = { final: GENESIS, finalization: undefined, firstView: view(1), entries: changed };
  createCore(config, from).step({ kind: "started" }, { monotonic: 0, wall: 0 });
}

describe("R24: the journal of a core", () => {
  it("has no fault as it was written, whole or cut after any record", () => {
    expect(entries.length).toBeGreaterThan(8);
    for (let length = 0; length <= entries.length; length++) {
      const cut = entries.slice(0, length);
      // A block and its vote are one batch.
      if (cut.at(-1)?.kind === "block") continue;
      expect(faultOf(cut)).toBeUndefined();
      resume(cut);
    }
  });

  it.each<[string, JournalEntry, RegExp]>([
    ["another node's vote", { kind: "vote", vote: notarizeOf(1, own) }, /a vote of another node/],
    [
      "a second block of one view",
      { kind: "vote", vote: notarizeOf(0, blockOn(GENESIS, 1)) },
      /contradicts or repeats another one of this node in view 1/,
    ],
    ["a vote again", { kind: "vote", vote: notarizeOf(0, first) }, /contradicts or repeats/],
    [
      "nullify beside finalize",
      { kind: "vote", vote: nullifyOf(0, 1) },
      /contradicts or repeats another one of this node in view 1/,
    ],
    [
      "a vote of another epoch",
      { kind: "vote", vote: { ...nullifyOf(0, 9), epoch: epoch(2) } },
      /a vote of epoch 2/,
    ],
    [
      "a certificate of too few",
      {
        kind: "certificate",
        certificate: { ...nullification(9), signatures: nullification(9).signatures.slice(1) },
      },
      /without the signatures of a quorum/,
    ],
    [
      "another body",
      { kind: "block", block: { ...own, operations: first.operations } },
      /other operations than its header names/,
    ],
    [
      "a block of another network",
      { kind: "block", block: blockOn(first, 5, { header: { networkId: new Uint8Array(32) } }) },
      /a block of another network/,
    ],
  ])("that also holds %s names that record", (_, entry, problem) => {
    const fault = faultOf([...entries, entry]);
    expect(fault?.index).toBe(entries.length);
    expect(fault?.problem).toMatch(problem);
  });

  it("names a vote below the first view of a node that rejoined", () => {
    expect(faultOf(entries, view(2))).toEqual({
      index: indexOf("vote", 1),
      problem: "it is a vote in view 1, in which this node may not vote since it rejoined",
    });
  });

  it("says what it lacks: the block of its own proposal, the certificate of its view", () => {
    expect(faultOf(without("block", 4))).toEqual({
      index: undefined,
      problem: "it does not hold the block for which this node voted in view 4",
    });
    expect(faultOf(without("certificate", 3))).toEqual({
      index: undefined,
      problem: "it does not hold the certificate by which this node entered view 4",
    });
  });

  it(`lets a core resume or is faulty, however its records changed (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const others: readonly JournalEntry[] = [
      ...entries,
      { kind: "vote", vote: finalizeOf(0, first) },
      { kind: "vote", vote: notarizeOf(2, first) },
      { kind: "certificate", certificate: nullification(7) },
      { kind: "certificate", certificate: notarization(own) },
      { kind: "block", block: blockOn(own, 5) },
    ];
    let faulty = 0;
    for (let round = 0; round < 2_000; round++) {
      const changed = [...entries];
      for (let change = 0; change <= random.below(3); change++) {
        const at = random.below(changed.length + 1);
        const other = random.pick(others);
        changed.splice(
          at,
          random.below(2),
          ...(random.below(2) === 0 ? [] : [altered(other, random)]),
        );
      }
      if (faultOf(changed) === undefined) resume(changed);
      else faulty += 1;
    }
    expect(faulty).toBeGreaterThan(200);
    expect(faulty).toBeLessThan(2_000);
  });
});

/** The record, or another one whose bytes differ in one place and still decode. */
function altered(entry: JournalEntry, random: Random): JournalEntry {
  const bytes = encodeJournalEntry(entry);
  if (random.below(2) === 0) return entry;
  for (let attempt = 0; attempt < 20; attempt++) {
    const other = Uint8Array.from(bytes);
    other[random.below(other.length)] = random.below(256);
    const read = decodeJournalEntry(sha256, other);
    if (!(read instanceof EncodingError)) return read;
  }
  return entry;
}
