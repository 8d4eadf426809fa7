/**
 * The prime-order group of Ed25519 for noble's FROST. A point from outside is checked once, by the injected point check;
 * noble's own Ed25519 suite makes four subgroup checks for each received point (S7). Every point of this class is
 * canonical and of prime order, or was computed from such points.
 */
import { type EdwardsPoint, PrimeEdwardsPoint } from "@noble/curves/abstract/edwards.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { assert } from "../primitives/assert.ts";
import { type Bytes, fromHex } from "../primitives/bytes.ts";
import { type IsValidPoint, PUBLIC_KEY_LENGTH } from "../primitives/signature.ts";

const Edwards = ed25519.Point;

/** The scalar field: integers modulo the order of the group, 32 bytes little-endian (RFC 9591 section 6.1). */
export const Scalars = Edwards.Fn;
export const SCALAR_LENGTH = 32;

/** Thrown by `fromBytes` for bytes that are not the canonical encoding of a point of prime order. */
export class InvalidPoint extends Error {
  override readonly name = "InvalidPoint";
}

export type PointClass = ReturnType<typeof createPointClass>;
export type Point = InstanceType<PointClass>;

export function createPointClass(isValidPoint: IsValidPoint) {
  class CheckedPoint extends PrimeEdwardsPoint<CheckedPoint> {
    static override readonly BASE = new CheckedPoint(Edwards.BASE);
    static override readonly ZERO = new CheckedPoint(Edwards.ZERO);
    static override readonly Fp = Edwards.Fp;
    static override readonly Fn = Edwards.Fn;

    /** Unchecked, as noble's contract for it says. Only for coordinates computed here. */
    static fromAffine(affine: { readonly x: bigint; readonly y: bigint }): CheckedPoint {
      return new CheckedPoint(Edwards.fromAffine({ x: affine.x, y: affine.y }));
    }

    /** The only entry for points from outside. */
    static override fromBytes(bytes: Bytes): CheckedPoint {
      if (bytes.length !== PUBLIC_KEY_LENGTH || !isValidPoint(bytes)) {
        throw new InvalidPoint("not a canonical encoding of a point of prime order");
      }
      return new CheckedPoint(Edwards.fromBytes(bytes));
    }

    static override fromHex(hex: string): CheckedPoint {
      const bytes = fromHex(hex);
      if (bytes === undefined) throw new InvalidPoint("not lower-case hexadecimal");
      return CheckedPoint.fromBytes(bytes);
    }

    override equals(other: CheckedPoint): boolean {
      return this.ep.equals(other.ep);
    }

    override toBytes(): Bytes {
      return this.ep.toBytes();
    }

    override is0(): boolean {
      return this.ep.is0();
    }

    override assertValidity(): void {
      // Nothing to do: `fromBytes` has checked every point.
    }

    protected override assertSame(other: CheckedPoint): void {
      assert(other instanceof CheckedPoint, "points of two classes do not add");
    }

    protected override init(point: EdwardsPoint): CheckedPoint {
      return new CheckedPoint(point);
    }
  }
  return CheckedPoint;
}

/** Reads a scalar from 32 canonical bytes; undefined for another length or a value at or above the group order. */
export function parseScalar(bytes: Bytes): bigint | undefined {
  if (bytes.length !== SCALAR_LENGTH) return undefined;
  try {
    return Scalars.fromBytes(bytes);
  } catch {
    return undefined;
  }
}
