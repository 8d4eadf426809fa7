/** R22: the pairs of votes that prove a fault, and that each is found. */
import { describe, expect, it } from "vitest";
import { conflict, decodeEvidence, encodeEvidence } from "../../src/consensus/votes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import type { Vote } from "../../src/primitives/vote.ts";
import {
  Bench,
  blockOn,
  finalizeOf,
  GENESIS,
  notarization,
  notarizeOf,
  nullifyOf,
} from "./harness.ts";

const one = blockOn(GENESIS, 1);
const other = blockOn(GENESIS, 1, { operations: ["other"] });
const later = blockOn(GENESIS, 2);

describe("R22: pairs", () => {
  const table: [string, Vote, Vote, string | undefined][] = [
    ["two notarize", notarizeOf(1, one), notarizeOf(1, other), "conflictingNotarize"],
    ["two finalize", finalizeOf(1, one), finalizeOf(1, other), "conflictingFinalize"],
    ["nullify and finalize", nullifyOf(1, 1), finalizeOf(1, one), "nullifyFinalize"],
    ["finalize and nullify", finalizeOf(1, one), nullifyOf(1, 1), "nullifyFinalize"],
    ["notarize and nullify", notarizeOf(1, one), nullifyOf(1, 1), undefined],
    ["notarize and finalize", notarizeOf(1, one), finalizeOf(1, other), undefined],
    ["the same vote twice", notarizeOf(1, one), notarizeOf(1, one), undefined],
    ["two nullify", nullifyOf(1, 1), nullifyOf(1, 1), undefined],
    ["different signers", notarizeOf(1, one), notarizeOf(2, other), undefined],
    ["different views", notarizeOf(1, one), notarizeOf(1, later), undefined],
  ];
  for (const [name, first, second, kind] of table) {
    it(`${name}: ${kind ?? "no fault"}`, () => {
      expect(conflict(first, second)?.kind).toBe(kind);
    });
  }

  it("evidence survives its bytes, and nothing else passes for it", () => {
    const evidence = {
      kind: "nullifyFinalize",
      first: nullifyOf(1, 1),
      second: finalizeOf(1, one),
    };
    const bytes = encodeEvidence({ ...evidence, kind: "nullifyFinalize" });
    expect(decodeEvidence(bytes)).toEqual(evidence);
    const harmless = { first: notarizeOf(1, one), second: nullifyOf(1, 1) };
    const lie = encodeEvidence({ ...harmless, kind: "nullifyFinalize" });
    expect(decodeEvidence(lie)).toBeInstanceOf(EncodingError);
  });
});

describe("R22: finding them", () => {
  it("gives evidence once for each kind, however often the votes come", () => {
    const bench = new Bench();
    bench.hearVote(notarizeOf(1, one));
    const output = bench.hearVote(notarizeOf(1, other));
    expect(output.evidence).toEqual([
      { kind: "conflictingNotarize", first: notarizeOf(1, one), second: notarizeOf(1, other) },
    ]);
    expect(bench.hearVote(notarizeOf(1, other)).evidence).toEqual([]);
    expect(bench.hearVote(finalizeOf(1, one)).evidence).toEqual([]);
    expect(bench.hearNullify(1, 1).evidence.map(({ kind }) => kind)).toEqual(["nullifyFinalize"]);
  });

  it("finds it in a leader's two proposals", () => {
    const bench = new Bench();
    bench.hearProposal(one);
    expect(bench.hearProposal(other).evidence).toHaveLength(1);
  });

  it("finds it between a vote and a certificate", () => {
    const bench = new Bench();
    bench.hearVote(notarizeOf(2, other));
    const { evidence } = bench.hearCertificates(notarization(one));
    expect(evidence.map(({ first }) => first.signer)).toEqual([2]);
  });

  it("an honest node that gave up a view before its notarization came proves nothing", () => {
    const bench = new Bench();
    for (const vote of [notarizeOf(1, one), finalizeOf(1, one)]) {
      expect(bench.hearVote(vote).evidence).toEqual([]);
    }
    bench.hearVote(notarizeOf(2, one));
    expect(bench.hearNullify(2, 1).evidence).toEqual([]);
  });
});
