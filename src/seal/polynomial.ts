/**
 * Secret sharing by polynomials, the little arithmetic of a DKG. noble's round 2 and 3 keep it behind objects that
 * cannot be stored, and know no single culprit; RFC 9591 appendix C writes it down, and the tests hold it against
 * noble's.
 */
import { assert } from "../primitives/assert.ts";
import { type Point, type PointClass, Scalars } from "./group.ts";

/** f(x) by Horner's rule, coefficients ascending (RFC 9591 C.1, polynomial_evaluate). */
export function evaluate(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, c) => Scalars.add(Scalars.mul(sum, x), c), Scalars.ZERO);
}

/** f(x)·B from the commitments to f's coefficients (RFC 9591 C.2). Everything here is public. */
export function evaluateCommitments(commitments: readonly Point[], x: bigint): Point {
  const [highest, ...others] = commitments.toReversed();
  assert(highest !== undefined, "a polynomial has coefficients");
  return others.reduce((sum, c) => sum.multiplyUnsafe(x).add(c), highest);
}

/** The commitments to the sum of several polynomials of one degree. */
export function addCommitments(Point: PointClass, all: readonly (readonly Point[])[]): Point[] {
  const [first] = all;
  assert(first !== undefined, "a sum has terms");
  return first.map((_, i) =>
    all.reduce((sum, commitments) => {
      const term = commitments[i];
      assert(commitments.length === first.length && term !== undefined, "one degree");
      return sum.add(term);
    }, Point.ZERO),
  );
}

/**
 * Is `share` f(x) for the committed f (RFC 9591 C.2, vss_verify)? A share of zero is refused whatever f says:
 * it comes up by intent only, and its commitment would be the identity.
 */
export function shareMatches(
  Point: PointClass,
  share: { value: bigint; commitments: readonly Point[]; x: bigint },
): boolean {
  if (Scalars.is0(share.value)) return false;
  return Point.BASE.multiply(share.value).equals(evaluateCommitments(share.commitments, share.x));
}
