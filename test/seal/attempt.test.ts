import { describe, expect, it } from "vitest";
import type { CeremonyContext, Round1Record } from "../../src/ledger/ceremony-judge.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import { epoch } from "../../src/primitives/numbers.ts";
import { openAttempt } from "../../src/seal/attempt.ts";
import { decodeRound1Package, proofHolds } from "../../src/seal/round1-package.ts";
import { identifierOf } from "../../src/seal/suite.ts";
import { Board, contextOf, index, judge, seededEntropy, suite } from "./fixture.ts";

const context = contextOf(4);
const foreign: readonly (readonly [string, CeremonyContext])[] = [
  ["another attempt", { ...context, attempt: 2 }],
  ["another epoch", { ...context, epoch: epoch(2) }],
  ["another network", { ...context, networkId: new Uint8Array(32).fill(8) }],
  ["another threshold", { ...context, threshold: 2 }],
  ["other members", contextOf(4, { of: [0, 1, 2], threshold: 3 })],
];

describe("K8: a proof of knowledge", () => {
  it("holds in its own attempt, for its own member", () => {
    const record = round1(context, 1);
    expect(judge.acceptsRound1(context, record)).toBe(true);
    expect(judge.acceptsRound1(context, { ...record, member: index(2) })).toBe(false);
  });

  it.each(foreign)("of %s is refused", (_name, other) => {
    const record = round1(other, 1);
    expect(judge.acceptsRound1(other, record)).toBe(true);
    expect(judge.acceptsRound1(context, record)).toBe(false);
    expect(proofHolds(openAttempt(suite, context), record.member, record.package)).toBe(false);
  });

  it("is judged as noble judges it in its round 2", () => {
    for (const [other, holds] of [
      [context, true],
      ...foreign.slice(0, 3).map(([, changed]) => [changed, false] as const),
    ] as const) {
      const { frost } = openAttempt(suite, context);
      const own = frost.DKG.round1(identifierOf(suite, index(0)), { min: 3, max: 4 });
      const others = [1, 2, 3].map((member) =>
        nobleForm(round1(member === 1 ? other : context, member)),
      );
      const round2 = () => frost.DKG.round2(own.secret, others);
      if (holds) expect(Object.keys(round2())).toHaveLength(3);
      else expect(round2).toThrow("invalid proof of knowledge");
    }
  });

  it("is bound by the hash of the whole context", () => {
    const hashes = [context, ...foreign.map(([, other]) => other)].map((each) =>
      toHex(openAttempt(suite, each).hash),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

function round1(of: CeremonyContext, member: number): Round1Record {
  const step = new Board(of).due(index(member), {}, seededEntropy(`attempt/${member}`));
  if (step.kind !== "round1") throw new Error("round 1 is due");
  return { member: index(member), package: step.package, ephemeralKey: step.ephemeralKey };
}

function nobleForm(record: Round1Record) {
  const decoded = decodeRound1Package(record.package);
  if (decoded instanceof Error) throw decoded;
  const copy = (bytes: Bytes) => Uint8Array.from(bytes);
  return {
    identifier: identifierOf(suite, record.member),
    commitment: decoded.commitments.map(copy),
    proofOfKnowledge: copy(decoded.proof),
  };
}
