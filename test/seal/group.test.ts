import { ed25519, ed25519_FROST } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isValidPoint } from "../../src/node/base/crypto.ts";
import { type Bytes, equalBytes, fromHex, toHex } from "../../src/primitives/bytes.ts";
import { type IsValidPoint, PUBLIC_KEY_LENGTH } from "../../src/primitives/signature.ts";
import { createPointClass, InvalidPoint, parseScalar, Scalars } from "../../src/seal/group.ts";
import { suite } from "./fixture.ts";

/** The same check by noble alone, to compare libsodium's with. */
const nobleIsValidPoint: IsValidPoint = (bytes) => {
  if (bytes.length !== PUBLIC_KEY_LENGTH) return false;
  try {
    const point = ed25519.Point.fromBytes(bytes);
    return !point.is0() && point.isTorsionFree() && equalBytes(point.toBytes(), bytes);
  } catch {
    return false;
  }
};

const Edwards = ed25519.Point;
const eighth = Edwards.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
const torsion = Array.from({ length: 8 }, (_, i) => eighth.multiplyUnsafe(BigInt(i)));
const p = 2n ** 255n - 19n;

const checks = [
  ["libsodium", isValidPoint],
  ["noble", nobleIsValidPoint],
] as const;

describe.each(checks)("S7: the point class over the check of %s", (_name, check) => {
  const Point = createPointClass(check);

  it("takes a point of prime order, and gives the same bytes back", () => {
    const bytes = Edwards.BASE.multiply(123_456_789n).toBytes();
    expect(toHex(Point.fromBytes(bytes).toBytes())).toBe(toHex(bytes));
    expect(Point.fromHex(toHex(bytes)).equals(Point.BASE.multiply(123_456_789n))).toBe(true);
  });

  it("refuses the identity and every other point of small order", () => {
    expect(new Set(torsion.map((point) => point.toHex())).size).toBe(8);
    for (const point of torsion) expectRefused(point.toBytes());
  });

  it("refuses a point of mixed order", () => {
    for (const point of torsion.slice(1)) {
      expectRefused(Edwards.BASE.multiply(99n).add(point).toBytes());
    }
  });

  it("refuses every encoding of a coordinate at or above the field prime", () => {
    for (let y = p; y < 2n ** 255n; y++) {
      expectRefused(encode(y, 0));
      expectRefused(encode(y, 0x80));
    }
  });

  it("refuses the sign bit on x = 0, coordinates off the curve, and other lengths", () => {
    expectRefused(encode(1n, 0x80));
    expectRefused(encode(p - 1n, 0x80));
    expectRefused(encode(2n, 0));
    expectRefused(Edwards.BASE.toBytes().slice(0, 31));
    expectRefused(new Uint8Array(0));
    expectRefused(Uint8Array.from([...Edwards.BASE.toBytes(), 0]));
    expect(() => Point.fromHex("zz")).toThrow(InvalidPoint);
  });

  it("computes as noble's own group does", () => {
    fc.assert(
      fc.property(scalar(), scalar(), (a, b) => {
        const ours = Point.BASE.multiply(a).add(Point.BASE.multiply(b)).multiplyUnsafe(a);
        const theirs = Edwards.BASE.multiply(a).add(Edwards.BASE.multiply(b)).multiplyUnsafe(a);
        expect(toHex(ours.toBytes())).toBe(theirs.toHex());
      }),
      { numRuns: 20 },
    );
  });

  function expectRefused(bytes: Bytes): void {
    expect(check(bytes), toHex(bytes)).toBe(false);
    expect(() => Point.fromBytes(bytes), toHex(bytes)).toThrow(InvalidPoint);
  }
});

describe("the two point checks", () => {
  it("agree on arbitrary bytes, and on points with any torsion", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.tuple(scalar(), fc.nat(7)).map(([a, t]) =>
        Edwards.BASE.multiply(a)
          .add(torsion[t] ?? Edwards.ZERO)
          .toBytes(),
      ),
    );
    fc.assert(
      fc.property(bytes, (candidate) => {
        expect(nobleIsValidPoint(candidate)).toBe(isValidPoint(candidate));
      }),
      { numRuns: 200 },
    );
  });
});

describe("parseScalar", () => {
  it("takes canonical scalars only", () => {
    expect(parseScalar(Scalars.toBytes(Scalars.ORDER - 1n))).toBe(Scalars.ORDER - 1n);
    expect(parseScalar(encode(Scalars.ORDER, 0))).toBeUndefined();
    expect(parseScalar(new Uint8Array(32).fill(0xff))).toBeUndefined();
    expect(parseScalar(new Uint8Array(31))).toBeUndefined();
    expect(parseScalar(new Uint8Array(33))).toBeUndefined();
  });
});

describe("the suite", () => {
  it("interoperates with noble's own FROST-Ed25519, share by share", () => {
    const ids = [1, 2, 3, 4].map((n) => suite.frost.Identifier.fromNumber(n));
    const deal = ed25519_FROST.trustedDealer({ min: 3, max: 4 }, ids);
    const signers = ids.slice(1);
    const message = new Uint8Array(200).fill(5);
    const pairs = signers.map((id) => suite.frost.commit(secretOf(id)));
    const list = pairs.map(({ commitments }) => commitments);
    const shares = Object.fromEntries(
      signers.map((id, i) => {
        const nonces = pairs[i]?.nonces;
        if (nonces === undefined) throw new Error("a pair for each signer");
        const copy = { hiding: nonces.hiding.slice(), binding: nonces.binding.slice() };
        const ours = suite.frost.signShare(secretOf(id), deal.public, nonces, list, message);
        const theirs = ed25519_FROST.signShare(secretOf(id), deal.public, copy, list, message);
        expect(toHex(ours)).toBe(toHex(theirs));
        return [id, ours];
      }),
    );
    const seal = suite.frost.aggregate(deal.public, list, message, shares);
    const theirs = ed25519_FROST.aggregate(deal.public, list, message, shares);
    expect(toHex(seal)).toBe(toHex(theirs));

    function secretOf(id: string) {
      const secret = deal.secretShares[id];
      if (secret === undefined) throw new Error("no such share");
      return secret;
    }
  });
});

function scalar() {
  return fc.bigInt({ min: 1n, max: Scalars.ORDER - 1n });
}

/** 32 bytes little-endian, with `top` set in the last one. */
function encode(value: bigint, top: number): Bytes {
  const bytes = fromHex(value.toString(16).padStart(64, "0"))?.toReversed();
  if (bytes === undefined) throw new Error("hexadecimal of a number");
  bytes[31] = (bytes[31] ?? 0) | top;
  return bytes;
}
