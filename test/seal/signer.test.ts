import { describe, expect, it } from "vitest";
import { epoch } from "../../src/primitives/numbers.ts";
import { frostCommitments, frostPublic } from "../../src/seal/convert-frost.ts";
import { type MemberCommitment, type SignRequest, textOf } from "../../src/seal/messages.ts";
import { NONCE_LIFETIME_MS } from "../../src/seal/nonces.ts";
import { identifierOf } from "../../src/seal/suite.ts";
import { index, suite } from "./fixture.ts";
import { headerAt, headerTarget, sharesOf, testTarget } from "./seal-world.ts";
import { Bench, fail, NOW, pairOf } from "./signer-bench.ts";

const shares = sharesOf(4);
const identity = Uint8Array.from([1, ...new Uint8Array(31)]);

describe("a signer", () => {
  it("gives a share that verifies, and the next commitment with it", () => {
    const bench = new Bench();
    const pair = bench.pair();
    const request = bench.request(pair);
    const answer = bench.answer(request);
    if (answer.kind !== "share") throw new Error(answer.kind);
    const key = shares[0]?.key ?? fail();
    const holds = suite.frost.verifyShare(
      frostPublic(suite, key),
      frostCommitments(suite, request.commitments),
      headerAt(5),
      identifierOf(suite, index(0)),
      answer.share,
    );
    expect(holds).toBe(true);
    expect(textOf(answer.next)).not.toBe(textOf(pair));
    expect(bench.answer(bench.request(answer.next)).kind).toBe("share");
  });

  it("answers a repeat of the same request with the same bytes", () => {
    const bench = new Bench();
    const request = bench.request(bench.pair());
    const first = bench.answer(request);
    expect(first.kind).toBe("share");
    expect(bench.answer(structuredClone(request))).toEqual(first);
    expect(bench.answer(request, NOW + 2 * NONCE_LIFETIME_MS)).toEqual(first);
  });

  it("ends a coordinator's older session when a newer one comes", () => {
    const bench = new Bench();
    const older = bench.request(bench.pair());
    const first = bench.answer(older);
    if (first.kind !== "share") throw new Error(first.kind);
    const newer = bench.request(first.next);
    expect(bench.answer(newer).kind).toBe("share");
    expect(bench.answer(older)).toMatchObject({ kind: "refused", reason: "superseded" });
    expect(bench.answer(newer).kind).toBe("share");
  });

  it("takes another run of a coordinator for newer, and keeps coordinators apart", () => {
    const bench = new Bench();
    const first = bench.answer(bench.request(bench.pair(), { session: { run: 1, number: 9 } }));
    if (first.kind !== "share") throw new Error(first.kind);
    const restarted = bench.request(first.next, { session: { run: 2, number: 1 } });
    expect(bench.answer(restarted).kind).toBe("share");
    const other = pairOf(bench.signer, NOW, index(2));
    const theirs = bench.request(other, { session: { run: 1, number: 1 } });
    expect(bench.answer(theirs, NOW, index(2)).kind).toBe("share");
  });
});

describe("S4: before it signs, a signer", () => {
  const refusals: readonly (readonly [string, (bench: Bench) => Partial<SignRequest>, string])[] = [
    ["another epoch", () => ({ target: { ...headerTarget(5), epoch: epoch(2) } }), "wrongEpoch"],
    ["a header that is not final here", () => ({ target: headerTarget(11) }), "notFinal"],
    ["fewer than t members", (b) => list(b, (all) => all.slice(0, 2)), "wrongCommitments"],
    [
      "more than t members",
      (b) => list(b, (all) => [...all, entry(3, all[1])]),
      "wrongCommitments",
    ],
    ["a member twice", (b) => list(b, ([a, x]) => [a, x, x]), "wrongCommitments"],
    ["members out of order", (b) => list(b, ([a, x, y]) => [a, y, x]), "wrongCommitments"],
    ["a stranger", (b) => list(b, ([a, x, y]) => [a, x, entry(9, y)]), "wrongCommitments"],
    [
      "a list without itself",
      (b) => list(b, ([a, x, y]) => [x, y, entry(3, a)]),
      "wrongCommitments",
    ],
    [
      "a point of small order",
      (b) => list(b, ([a, x, y]) => [a, x, spoil(y, identity)]),
      "wrongCommitments",
    ],
    [
      "a malformed point",
      (b) => list(b, ([a, x, y]) => [a, x, spoil(y, new Uint8Array(31))]),
      "wrongCommitments",
    ],
  ];

  it.each(refusals)("refuses %s, and the pair stays unused", (_name, change, reason) => {
    const bench = new Bench();
    const pair = bench.pair();
    const wrong = bench.request(pair, change(bench));
    expect(bench.answer(wrong)).toMatchObject({ kind: "refused", reason });
    expect(bench.answer(bench.request(pair)).kind).toBe("share");
  });

  it("S8: refuses a header as long as the test message is unsealed, but signs the test", () => {
    const bench = new Bench();
    bench.shelf.seals.clear();
    const pair = bench.pair();
    expect(bench.answer(bench.request(pair))).toMatchObject({ reason: "untested" });
    expect(bench.answer(bench.request(pair, { target: testTarget })).kind).toBe("share");
  });

  it.each([
    [5, 5, "share"],
    [5, 6, "seal"],
    [5, 64, "seal"],
    [5, 65, "share"],
    [64, 64, "seal"],
    [64, 65, "share"],
  ])("asked for %i with a seal at %i answers with a %s", (asked, sealed, kind) => {
    const bench = new Bench();
    bench.shelf.tip = 100;
    const seal = new Uint8Array(64).fill(1);
    if (asked !== sealed || kind === "seal") bench.shelf.keep(headerTarget(sealed), seal);
    const pair = bench.pair();
    const answer = bench.answer(bench.request(pair, { target: headerTarget(asked) }));
    expect(answer.kind).toBe(kind);
    if (answer.kind === "seal") {
      expect(answer).toMatchObject({ target: headerTarget(sealed), seal });
    }
  });

  it("finds a pair stale that it never made, made for another coordinator, or used", () => {
    const bench = new Bench();
    const [other] = bench.others;
    const theirs = pairOf(bench.signer, NOW, index(2));
    const pair = bench.pair();
    for (const foreign of [other?.commitment ?? pair, theirs]) {
      const answer = bench.answer(bench.request(foreign));
      expect(answer.kind).toBe("staleNonce");
      expect("next" in answer && textOf(answer.next)).toBe(textOf(pair));
    }
    expect(bench.answer(bench.request(pair)).kind).toBe("share");
    expect(bench.answer(bench.request(pair)).kind).toBe("staleNonce");
  });
});

type Three = [MemberCommitment, MemberCommitment, MemberCommitment];

function list(
  bench: Bench,
  change: (all: Three) => readonly (MemberCommitment | undefined)[],
): Partial<SignRequest> {
  const [x, y] = bench.others;
  if (x === undefined || y === undefined) throw new Error("two others");
  const own = { member: index(0), commitment: bench.pair() };
  return { commitments: change([own, x, y]).flatMap((item) => item ?? []) };
}

function entry(member: number, like: MemberCommitment): MemberCommitment {
  return { ...like, member: index(member) };
}

function spoil(item: MemberCommitment, point: Uint8Array): MemberCommitment {
  return { ...item, commitment: { ...item.commitment, binding: point } };
}
