/**
 * The messages that the group key signs, headers and the test message, each under its own tag (S2); and the turns in
 * which the validators coordinate the seal of one (S3).
 */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  type Epoch,
  type Height,
  type ValidatorIndex,
  validatorIndex,
} from "../primitives/numbers.ts";
import { PUBLIC_KEY_LENGTH, type Signature, type Verify } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import type { SealKey } from "./seal-key.ts";

/** `epoch` is the epoch of the key. The header may belong to an older one. */
export type SealTarget =
  | { readonly kind: "header"; readonly epoch: Epoch; readonly height: Height }
  /** Signed once, when the key is final and before the first header. Its seal proves that the shares work. */
  | { readonly kind: "test"; readonly epoch: Epoch };

/** The headers and seals that this node holds in memory. */
export interface SealLookups {
  /** Canonical bytes of a header that this node computed and that is final here; undefined for any other. */
  header(height: Height): Bytes | undefined;
  /** A seal that this node has verified. */
  seal(target: SealTarget): Signature | undefined;
}

export function testMessage(key: SealKey): Bytes {
  return new Encoder()
    .tag(TAGS.sealTest)
    .fixed(key.context.networkId, DIGEST_LENGTH)
    .u64(key.context.epoch)
    .fixed(key.groupKey, PUBLIC_KEY_LENGTH)
    .fixed(key.transcriptHash, DIGEST_LENGTH)
    .finish();
}

/** The bytes that a seal of `target` signs; undefined for a header that is not final here or was not computed here. */
export function messageOf(
  key: SealKey,
  target: SealTarget,
  lookups: SealLookups,
): Bytes | undefined {
  assert(target.epoch === key.context.epoch, "the key's own epoch");
  return target.kind === "test" ? testMessage(key) : lookups.header(target.height);
}

export function sameTarget(left: SealTarget, right: SealTarget): boolean {
  if (left.kind !== right.kind || left.epoch !== right.epoch) return false;
  return left.kind === "test" || right.kind === "test" || left.height === right.height;
}

/** The first multiple of the seal interval at or above `height`. A seal up to there covers it by parent hashes (S2). */
export function coverOf(height: number): number {
  return Math.ceil(height / LIMITS.sealInterval) * LIMITS.sealInterval;
}

/** True if a seal of `sealed` also serves as one of `wanted` (S2). */
export function covers(wanted: SealTarget, sealed: SealTarget): boolean {
  if (wanted.kind === "test" || sealed.kind === "test") return sameTarget(wanted, sealed);
  if (wanted.epoch !== sealed.epoch) return false;
  return sealed.height >= wanted.height && sealed.height <= coverOf(wanted.height);
}

/** Checks a seal as a plain Ed25519 signature under the group key. */
export function sealHolds(
  key: SealKey,
  sealed: { readonly message: Bytes; readonly seal: Signature },
  verify: Verify,
): boolean {
  return verify({ publicKey: key.groupKey, message: sealed.message, signature: sealed.seal });
}

/** Rank 0 is validator h mod n, then the others follow in genesis order (S3). The test message counts as height 0. */
export function coordinatorOf(target: SealTarget, rank: number, n: number): ValidatorIndex {
  return validatorIndex((heightOf(target) + rank) % n);
}

export function rankOf(target: SealTarget, validator: ValidatorIndex, n: number): number {
  return (((validator - heightOf(target)) % n) + n) % n;
}

/** Time at which the coordinator of `rank` begins; `finalAt` is when the header became final here. Milliseconds. */
export function startsAt(finalAt: number, rank: number, sealTimeoutMs: number): number {
  return finalAt + rank * sealTimeoutMs;
}

function heightOf(target: SealTarget): number {
  return target.kind === "test" ? 0 : target.height;
}
