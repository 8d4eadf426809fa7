import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ComplaintRecord } from "../../src/ledger/ceremony-judge.ts";
import { type Bytes, concatBytes } from "../../src/primitives/bytes.ts";
import { openAttempt } from "../../src/seal/attempt.ts";
import type { MemberStep } from "../../src/seal/ceremony.ts";
import { Scalars } from "../../src/seal/group.ts";
import { encodeRound1Package } from "../../src/seal/round1-package.ts";
import { sealShare } from "../../src/seal/share-cipher.ts";
import { identifierOf } from "../../src/seal/suite.ts";
import {
  Board,
  contextOf,
  type Disk,
  flip,
  index,
  judge,
  readSecret,
  refuseEntropy,
  seededEntropy,
  store,
  suite,
} from "./fixture.ts";

type Ciphertexts = (MemberStep & { kind: "shares" })["ciphertexts"];

describe.each([4, 7])("with a liar among %i", (n) => {
  const lies: readonly (readonly [string, (honest: Ciphertexts) => Ciphertexts])[] = [
    ["a wrong share", (honest) => change(honest, 2, (bytes) => flip(bytes, 0))],
    ["no ciphertext", (honest) => honest.filter(({ to }) => to !== 2)],
    ["two ciphertexts", (honest) => [...honest, ...honest.filter(({ to }) => to === 2)]],
    ["too short a ciphertext", (honest) => change(honest, 2, (bytes) => bytes.slice(1))],
    ["too long a ciphertext", (honest) => change(honest, 2, (b) => concatBytes(b, b))],
    [
      "a share at or above the group order",
      (honest) => change(honest, 2, (b) => flip(b, 31, 0xf0)),
    ],
  ];

  it.each(lies)("%s is complained of by its receiver, and the liar is blamed", (_name, lie) => {
    const { board, disks } = dealt(n, lie);
    const victim = board.due(index(2), disks[2] ?? {}, refuseEntropy);
    expect(victim).toMatchObject({ kind: "complaint", accused: 0 });
    expect(board.due(index(1), disks[1] ?? {}, refuseEntropy).kind).toBe("confirm");
    board.order(index(2), victim);
    expect(board.blame()).toBe(0);
  });
});

describe("K5: a complaint", () => {
  const { board, disks } = dealt(4, (honest) => honest);
  const secretOf = (member: number) => readSecret(disks[member]?.secret ?? new Uint8Array());
  const complaint: ComplaintRecord = {
    complainer: index(2),
    accused: index(0),
    ephemeralSecret: secretOf(2).ephemeralSecret,
  };
  const blame = (changed: Partial<ComplaintRecord>) =>
    judge.blame(board.context, board.round1, board.ciphertexts, { ...complaint, ...changed });

  it("of a good share is the complainer's own fault", () => {
    expect(blame({})).toBe(2);
  });

  it("with another secret than the registered key's is the complainer's own fault", () => {
    expect(blame({ ephemeralSecret: secretOf(1).ephemeralSecret })).toBe(2);
    expect(blame({ ephemeralSecret: new Uint8Array(32) })).toBe(2);
    expect(blame({ ephemeralSecret: new Uint8Array(31) })).toBe(2);
  });

  it("of oneself, of a stranger, or of one who has not dealt yet is the complainer's own fault", () => {
    expect(blame({ accused: index(2) })).toBe(2);
    expect(blame({ accused: index(50) })).toBe(2);
    const others = board.ciphertexts.filter(({ member }) => member !== 0);
    expect(judge.blame(board.context, board.round1, others, complaint)).toBe(2);
  });

  it("opens only what was dealt to the complainer", () => {
    const swapped = board.ciphertexts.map((record) => ({
      ...record,
      ciphertexts: record.ciphertexts.map((item) => ({ ...item, to: swap(item.to) })),
    }));
    expect(judge.blame(board.context, board.round1, swapped, complaint)).toBe(0);
  });

  it("of a share of zero is upheld, though zero matches the commitments", () => {
    const { board: zero, disks: zeroDisks } = dealtByZero();
    const step = zero.due(index(2), zeroDisks[2] ?? {}, refuseEntropy);
    expect(step).toMatchObject({ kind: "complaint", accused: 0 });
    zero.order(index(2), step);
    expect(zero.blame()).toBe(0);
  });
});

describe("blame", () => {
  it("is found without an exception for any ciphertexts and any secret", () => {
    const { board } = dealt(4, (honest) => honest);
    const ciphertexts = fc.array(
      fc.record({ to: fc.nat(4).map(index), ciphertext: fc.uint8Array({ maxLength: 40 }) }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(ciphertexts, fc.uint8Array({ maxLength: 40 }), (hostile, ephemeralSecret) => {
        const records = board.ciphertexts.map((record) => ({ ...record, ciphertexts: hostile }));
        const complaint = { complainer: index(1), accused: index(3), ephemeralSecret };
        expect(judge.blame(board.context, board.round1, records, complaint)).toBe(1);
      }),
      { numRuns: 100 },
    );
  });
});

describe("the outcome", () => {
  it("does not depend on the order of records, and its transcript on every byte said", () => {
    const { board } = dealt(4, (honest) => honest);
    const { context, round1, ciphertexts } = board;
    const outcome = judge.outcome(context, round1, ciphertexts);
    const reversed = judge.outcome(context, round1.toReversed(), ciphertexts.toReversed());
    expect(reversed).toEqual(outcome);
    const changed = ciphertexts.map((record, i) =>
      i === 0
        ? { ...record, ciphertexts: change(record.ciphertexts, 1, (b) => flip(b, 0)) }
        : record,
    );
    const other = judge.outcome(context, round1, changed);
    expect(other.groupKey).toEqual(outcome.groupKey);
    expect(other.transcriptHash).not.toEqual(outcome.transcriptHash);
  });
});

/** Rounds 1 and 2 in which `lie` changes the ciphertexts of member 0. */
function dealt(n: number, lie: (honest: Ciphertexts) => Ciphertexts) {
  const context = contextOf(n);
  const board = new Board(context);
  const disks: Disk[] = context.members.map(() => ({}));
  for (const member of context.members) advance(board, disks, member, `deal/${member}`);
  for (const member of context.members) {
    const step = board.due(member, disks[member] ?? {}, refuseEntropy);
    if (step.kind !== "shares") throw new Error("shares are due");
    store(disks[member] ?? {}, step);
    board.order(member, member === 0 ? { ...step, ciphertexts: lie(step.ciphertexts) } : step);
  }
  return { board, disks };
}

/** Member 0 chose a polynomial that is zero at member 2's place, and deals it truthfully. */
function dealtByZero() {
  const context = contextOf(4);
  const board = new Board(context);
  const disks: Disk[] = context.members.map(() => ({}));
  // (x - 3)(x + 1) = x² - 2x - 3, and member 2 stands at x = 3.
  const coefficients = [Scalars.create(-3n), Scalars.create(-2n), 1n];
  const attempt = openAttempt(suite, context);
  const drawn = attempt.frost.DKG.round1(
    identifierOf(suite, index(0)),
    { min: 3, max: 4 },
    Uint8Array.from(Scalars.toBytes(coefficients[0] ?? 0n)),
  );
  const honest = board.due(index(0), {}, seededEntropy("zero"));
  if (honest.kind !== "round1" || honest.store === undefined) throw new Error("round 1 is due");
  const round1 = {
    ...honest,
    package: encodeRound1Package({
      commitments: coefficients.map((scalar) => suite.Point.BASE.multiply(scalar).toBytes()),
      proof: drawn.public.proofOfKnowledge,
    }),
  };
  board.order(index(0), round1);
  for (const member of [1, 2, 3]) advance(board, disks, index(member), `zero/${member}`);
  for (const member of [1, 2, 3]) advance(board, disks, index(member), "");
  const ciphertexts = board.round1
    .filter(({ member }) => member !== 0)
    .map((record) => {
      const route = {
        from: index(0),
        to: record.member,
        fromKey: round1.ephemeralKey,
        toKey: record.ephemeralKey,
      };
      const x = BigInt(record.member + 1);
      const share = Scalars.toBytes(Scalars.create(x * x - 2n * x - 3n));
      const secret = honest.store?.ephemeralSecret ?? new Uint8Array();
      return { to: record.member, ciphertext: sealShare(attempt, route, secret, share) };
    });
  board.order(index(0), { kind: "shares", ciphertexts });
  return { board, disks };
}

function advance(board: Board, disks: readonly Disk[], member: number, seed: string): void {
  const disk = disks[member] ?? {};
  const step = board.due(index(member), disk, seededEntropy(seed));
  store(disk, step);
  board.order(index(member), step);
}

function change(all: Ciphertexts, to: number, by: (bytes: Bytes) => Bytes): Ciphertexts {
  return all.map((item) => (item.to === to ? { ...item, ciphertext: by(item.ciphertext) } : item));
}

function swap(to: number) {
  const others = new Map([
    [1, 2],
    [2, 1],
  ]);
  return index(others.get(to) ?? to);
}
