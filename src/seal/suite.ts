/**
 * The FROST suite of the ceremony and of single shares: noble's implementation of RFC 9591 over the group of group.ts.
 * Seals are signed by frost-signing.ts.
 */
import { createFROST, type FROST, type Identifier } from "@noble/curves/abstract/frost.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { IsValidPoint } from "../primitives/signature.ts";
import { createPointClass, type PointClass, Scalars } from "./group.ts";

/** RFC 9591 section 6.1; seals verify as plain Ed25519 signatures. */
export const SUITE_NAME = "FROST-ED25519-SHA512-v1";

/** Fresh random bytes from the operating system, for every secret scalar and nonce. */
export type Entropy = (length: number) => Bytes;

export interface SealSuite {
  readonly frost: FROST;
  readonly Point: PointClass;
  readonly isValidPoint: IsValidPoint;
  /** SHA-256, for attempt hashes and transcripts; FROST itself hashes by SHA-512. */
  readonly hash: Hash;
}

export function createSuite(tools: { isValidPoint: IsValidPoint; hash: Hash }): SealSuite {
  const Point = createPointClass(tools.isValidPoint);
  return { ...tools, Point, frost: frostOver(Point) };
}

/**
 * The same suite, with its proofs of knowledge bound to `prefix`: their challenge hash begins with it (noble's HDKG),
 * so a proof made under another prefix is refused.
 */
export function frostWithProofsBoundTo(suite: SealSuite, prefix: string): FROST {
  return frostOver(suite.Point, prefix);
}

/** A member's FROST identifier is its genesis index + 1, for ever (K6). */
export function scalarOf(member: ValidatorIndex): bigint {
  return BigInt(member) + 1n;
}

/** The identifier as noble writes it: the scalar's bytes in hexadecimal. */
export function identifierOf(suite: SealSuite, member: ValidatorIndex): Identifier {
  return suite.frost.Identifier.fromNumber(member + 1);
}

/** Hashes to a scalar: SHA-512, read little-endian, like every hash of the suite (RFC 9591 section 6.1). */
export function hashToScalar(message: Bytes): bigint {
  return Scalars.create(bytesToNumberLE(sha512(message)));
}

function frostOver(Point: PointClass, proofPrefix?: string): FROST {
  assert(proofPrefix !== "", "proofs are bound to something");
  return createFROST({
    name: SUITE_NAME,
    Point,
    hash: sha512,
    // The challenge of RFC 8032 has no prefix.
    H2: "",
    ...(proofPrefix === undefined ? {} : { HDKG: proofPrefix }),
  });
}
