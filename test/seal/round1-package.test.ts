import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Round1Record } from "../../src/ledger/ceremony-judge.ts";
import { type Bytes, concatBytes } from "../../src/primitives/bytes.ts";
import { Scalars } from "../../src/seal/group.ts";
import { decodeRound1Package, encodeRound1Package } from "../../src/seal/round1-package.ts";
import { Board, contextOf, flip, index, judge, seededEntropy, suite } from "./fixture.ts";

describe("round 1", () => {
  const context = contextOf(4);
  const record = honestRound1(0);
  const decoded = decodeRound1Package(record.package);
  if (decoded instanceof Error) throw decoded;
  const { commitments, proof } = decoded;
  const accepts = (changed: Partial<Round1Record>) =>
    judge.acceptsRound1(context, { ...record, ...changed });
  const packed = (points: readonly Bytes[], withProof = proof) =>
    accepts({ package: encodeRound1Package({ commitments: points, proof: withProof }) });

  it("is accepted from an honest member, and from no stranger", () => {
    expect(accepts({})).toBe(true);
    expect(judge.acceptsRound1(contextOf(4, { of: [1, 2, 3] }), record)).toBe(false);
  });

  it("needs exactly t commitments: one more would raise the threshold, one fewer lower it", () => {
    expect(packed(commitments)).toBe(true);
    expect(packed(commitments.slice(0, 2))).toBe(false);
    expect(packed([...commitments, suite.Point.BASE.toBytes()])).toBe(false);
    expect(packed([])).toBe(false);
  });

  it("needs canonical points of prime order, in commitments and proof", () => {
    const eighth = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    const torsion = ed25519.Point.fromHex(eighth);
    const bad = [
      ed25519.Point.ZERO.toBytes(),
      torsion.toBytes(),
      ed25519.Point.fromBytes(commitments[1] ?? new Uint8Array())
        .add(torsion)
        .toBytes(),
      new Uint8Array(32).fill(0xff),
    ];
    for (const point of bad) {
      const [first, , third] = commitments;
      if (first === undefined || third === undefined) throw new Error("t is 3");
      expect(packed([first, point, third])).toBe(false);
      expect(packed([point, point, third])).toBe(false);
      expect(packed(commitments, concatBytes(point, proof.slice(32)))).toBe(false);
    }
  });

  it("needs a proof whose scalar is canonical and true", () => {
    const order = Scalars.toBytes(Scalars.create(-1n)).map((byte, i) =>
      i === 0 ? byte + 1 : byte,
    );
    expect(packed(commitments, concatBytes(proof.slice(0, 32), order))).toBe(false);
    expect(packed(commitments, flip(proof, 40))).toBe(false);
    expect(packed(commitments, new Uint8Array(64))).toBe(false);
  });

  it("needs exactly the canonical bytes", () => {
    expect(accepts({ package: concatBytes(record.package, new Uint8Array(1)) })).toBe(false);
    expect(accepts({ package: record.package.slice(0, -1) })).toBe(false);
    expect(accepts({ package: new Uint8Array() })).toBe(false);
  });

  it("needs a canonical ephemeral key that both sides contribute to", () => {
    const lowOrder = [0n, 1n, 2n ** 255n - 20n].map(littleEndian);
    const order8 = [
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ].map((hex) => Uint8Array.from(Buffer.from(hex, "hex")));
    const nonCanonical = [2n ** 255n - 19n, 2n ** 255n - 10n, 2n ** 255n + 9n].map(littleEndian);
    for (const key of [...lowOrder, ...order8, ...nonCanonical, new Uint8Array(31)]) {
      expect(accepts({ ephemeralKey: key })).toBe(false);
    }
    expect(accepts({ ephemeralKey: littleEndian(9n) })).toBe(true);
  });

  it("is refused when the constant term or its proof has any other bit", () => {
    const constantTerm = fc.integer({ min: 0, max: 4 + 32 - 1 });
    const end = record.package.length;
    const proofBytes = fc.integer({ min: end - 64, max: end - 1 });
    fc.assert(
      fc.property(fc.oneof(constantTerm, proofBytes), fc.nat(7), (at, bit) => {
        expect(accepts({ package: flip(record.package, at, 1 << bit) })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it("is judged without an exception for any bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 40 }), (hostile, key) => {
        expect(accepts({ package: hostile })).toBe(false);
        expect(accepts({ ephemeralKey: key })).toBe(
          key.length === 32 && accepts({ ephemeralKey: key }),
        );
      }),
      { numRuns: 150 },
    );
  });
});

function honestRound1(member: number): Round1Record {
  const step = new Board(contextOf(4)).due(index(member), {}, seededEntropy("honest"));
  if (step.kind !== "round1") throw new Error("round 1 is due");
  return { member: index(member), package: step.package, ephemeralKey: step.ephemeralKey };
}

function littleEndian(value: bigint): Bytes {
  const hex = value.toString(16).padStart(64, "0");
  return Uint8Array.from(Buffer.from(hex, "hex")).toReversed();
}
