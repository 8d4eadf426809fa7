/**
 * Verifiable secret sharing (RFC 9591 appendix C): the polynomial arithmetic of a DKG, and the check of a dealt share.
 * noble's rounds 2 and 3 hide this arithmetic behind objects that cannot be stored, and cannot name the one dealer at
 * fault. The tests compare the results with noble's.
 */
import type { CiphertextsRecord, Round1Record } from "../ledger/ceremony-judge.ts";
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Attempt } from "./attempt.ts";
import { type Point, type PointClass, parseScalar, Scalars } from "./group.ts";
import { readCommitments } from "./round1-package.ts";
import { openShare } from "./share-cipher.ts";
import { scalarOf } from "./suite.ts";

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
 * True if `share` is f(x) for the committed f (RFC 9591 C.2, vss_verify). A share of zero is always refused: only a
 * dealer who intends it can produce one, and its commitment would be the identity.
 */
export function shareMatches(
  Point: PointClass,
  share: { value: bigint; commitments: readonly Point[]; x: bigint },
): boolean {
  if (Scalars.is0(share.value)) return false;
  return Point.BASE.multiply(share.value).equals(evaluateCommitments(share.commitments, share.x));
}

export type DealtShare =
  | { readonly kind: "good"; readonly value: bigint }
  /** The dealer lied: it sent the receiver no ciphertext, or one that opens to a wrong number. */
  | { readonly kind: "wrong" }
  /** The dealer has not dealt yet. That is not a lie. */
  | { readonly kind: "missing" };

export interface Dealing {
  readonly receiver: Round1Record;
  readonly dealer: Round1Record | undefined;
  readonly ciphertexts: CiphertextsRecord | undefined;
  /** The receiver's secret. */
  readonly ephemeralSecret: Bytes;
}

/**
 * Opens the share that one member dealt to another and checks it against the dealer's commitments. Members and judges
 * share this one function, so an honest complaint is always upheld.
 */
export function checkDealtShare(attempt: Attempt, dealing: Dealing): DealtShare {
  const { receiver, dealer, ciphertexts, ephemeralSecret } = dealing;
  if (dealer === undefined || ciphertexts === undefined) return { kind: "missing" };
  const [item, ...more] = ciphertexts.ciphertexts.filter(({ to }) => to === receiver.member);
  const commitments = readCommitments(attempt, dealer.package);
  if (item === undefined || more.length > 0 || commitments === undefined) return { kind: "wrong" };
  const route = {
    from: dealer.member,
    to: receiver.member,
    fromKey: dealer.ephemeralKey,
    toKey: receiver.ephemeralKey,
  };
  const opened = openShare(attempt, route, ephemeralSecret, item.ciphertext);
  const value = opened === undefined ? undefined : parseScalar(opened);
  if (value === undefined) return { kind: "wrong" };
  const share = { value, commitments, x: scalarOf(receiver.member) };
  return shareMatches(attempt.suite.Point, share) ? { kind: "good", value } : { kind: "wrong" };
}
