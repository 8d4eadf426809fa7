/**
 * Encrypts the shares of the ceremony: the share XOR a keystream of HKDF-SHA256 (RFC 5869) over an X25519 secret
 * (RFC 7748) of two ephemeral keys, bound to attempt, sender and receiver. Opening is deterministic, so anyone with the
 * receiver's ephemeral secret can judge a complaint.
 *
 * No MAC is needed. The sender signs the operation that carries the ciphertext, and the share inside is checked against
 * the sender's commitments, so no one else can alter it, and a wrong share is the sender's fault. The keystream is used
 * once: both keys live for one attempt, in which a sender has one share for each receiver.
 */
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { assert } from "../primitives/assert.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { TAGS } from "../primitives/tags.ts";
import type { Attempt } from "./attempt.ts";
import { SCALAR_LENGTH } from "./group.ts";

export const EPHEMERAL_KEY_LENGTH = 32;

/** Canonical coordinates are below it. RFC 7748 section 5 accepts others; we do not. */
const FIELD_PRIME = 2n ** 255n - 19n;

/** A point of order 1, 2, 4 or 8 maps every secret to zero, so any one secret detects it. */
const PROBE_SECRET = new Uint8Array(EPHEMERAL_KEY_LENGTH).fill(1);

export interface ShareRoute {
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
  readonly fromKey: Bytes;
  readonly toKey: Bytes;
}

export function ephemeralKeyOf(secret: Bytes): Bytes {
  return x25519.getPublicKey(secret);
}

/** True for a canonical coordinate that is not a point of small order, so that both keys contribute to a secret. */
export function isContributory(key: Bytes): boolean {
  if (key.length !== EPHEMERAL_KEY_LENGTH) return false;
  return bytesToNumberLE(key) < FIELD_PRIME && agree(PROBE_SECRET, key) !== undefined;
}

/** Encrypts a share, as its sender; `secret` belongs to `route.fromKey`. */
export function sealShare(attempt: Attempt, route: ShareRoute, secret: Bytes, share: Bytes): Bytes {
  assert(share.length === SCALAR_LENGTH, "a share is one scalar");
  assert(equalBytes(ephemeralKeyOf(secret), route.fromKey), "the sender's own secret");
  const stream = keystream(attempt, route, agree(secret, route.toKey));
  assert(stream !== undefined, "registered keys are contributory");
  return exclusiveOr(share, stream);
}

/** Decrypts a share with the receiver's secret. Undefined if the ciphertext is malformed. */
export function openShare(
  attempt: Attempt,
  route: ShareRoute,
  secret: Bytes,
  ciphertext: Bytes,
): Bytes | undefined {
  if (ciphertext.length !== SCALAR_LENGTH) return undefined;
  const stream = keystream(attempt, route, agree(secret, route.fromKey));
  return stream === undefined ? undefined : exclusiveOr(ciphertext, stream);
}

function agree(secret: Bytes, key: Bytes): Bytes | undefined {
  try {
    return x25519.getSharedSecret(secret, key);
  } catch {
    return undefined;
  }
}

function keystream(
  attempt: Attempt,
  route: ShareRoute,
  shared: Bytes | undefined,
): Bytes | undefined {
  if (shared === undefined) return undefined;
  const info = new Encoder()
    .tag(TAGS.ceremonyShare)
    .u16(route.from)
    .u16(route.to)
    .fixed(route.fromKey, EPHEMERAL_KEY_LENGTH)
    .fixed(route.toKey, EPHEMERAL_KEY_LENGTH)
    .finish();
  return hkdf(sha256, shared, attempt.hash, info, SCALAR_LENGTH);
}

function exclusiveOr(left: Bytes, right: Bytes): Bytes {
  return left.map((byte, i) => byte ^ (right[i] ?? 0));
}
