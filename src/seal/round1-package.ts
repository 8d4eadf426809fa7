/**
 * The round-1 package of a ceremony member: commitments to its polynomial and the proof that it knows the constant
 * term (FROST, Komlo and Goldberg 2020, figure 1, round 1). Canonical bytes: list of t points, 64 bytes of proof.
 */
import { type Bytes, concatBytes, utf8 } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.ts";
import type { Attempt } from "./attempt.ts";
import { InvalidPoint, type Point, parseScalar, Scalars } from "./group.ts";
import { hashToScalar, scalarOf } from "./suite.ts";

export interface Round1Package {
  /** Points, coefficients ascending; exactly t. */
  readonly commitments: readonly Bytes[];
  /** R and μ of the proof of knowledge. */
  readonly proof: Bytes;
}

export function encodeRound1Package(parts: Round1Package): Bytes {
  const encoder = new Encoder();
  encoder.list(parts.commitments, (point) => encoder.fixed(point, PUBLIC_KEY_LENGTH));
  return encoder.fixed(parts.proof, SIGNATURE_LENGTH).finish();
}

export function decodeRound1Package(bytes: Bytes): Round1Package | EncodingError {
  return decodeStrict(bytes, (decoder) => ({
    commitments: decoder.list(LIMITS.validatorsMax, (inner) => inner.fixed(PUBLIC_KEY_LENGTH)),
    proof: decoder.fixed(SIGNATURE_LENGTH),
  }));
}

/** The commitments of a canonical package of exactly t prime-order points; undefined for anything else. */
export function readCommitments(attempt: Attempt, bytes: Bytes): Point[] | undefined {
  const decoded = decodeRound1Package(bytes);
  if (decoded instanceof EncodingError) return undefined;
  if (decoded.commitments.length !== attempt.context.threshold) return undefined;
  try {
    return decoded.commitments.map((point) => attempt.suite.Point.fromBytes(point));
  } catch (error) {
    if (error instanceof InvalidPoint) return undefined;
    throw error;
  }
}

/**
 * Checks a member's proof of knowledge for this attempt: R = μ·B − c·φ with c = H(prefix, identifier, φ, R), as noble
 * computes it in its DKG round 1. The proof also rules out a rogue key, one chosen to cancel those of the others.
 */
export function proofHolds(attempt: Attempt, member: ValidatorIndex, bytes: Bytes): boolean {
  const decoded = decodeRound1Package(bytes);
  if (decoded instanceof EncodingError) return false;
  const [constant] = decoded.commitments;
  const nonce = decoded.proof.slice(0, PUBLIC_KEY_LENGTH);
  const response = parseScalar(decoded.proof.slice(PUBLIC_KEY_LENGTH));
  const { Point, isValidPoint } = attempt.suite;
  if (constant === undefined || response === undefined) return false;
  if (!isValidPoint(constant) || !isValidPoint(nonce)) return false;
  const challenge = hashToScalar(
    concatBytes(utf8(attempt.proofPrefix), Scalars.toBytes(scalarOf(member)), constant, nonce),
  );
  const expected = Point.BASE.multiplyUnsafe(response).subtract(
    Point.fromBytes(constant).multiplyUnsafe(challenge),
  );
  return Point.fromBytes(nonce).equals(expected);
}
