/** What a seal can be about. The group key signs two kinds of message, header and test, each under its own tag (S2). */
import { assert } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Epoch, Height } from "../primitives/numbers.ts";
import { PUBLIC_KEY_LENGTH, type Signature, type Verify } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import type { SealKey } from "./seal-key.ts";

/** `epoch` is the key's; a header below it may be of an older one. */
export type SealTarget =
  | { readonly kind: "header"; readonly epoch: Epoch; readonly height: Height }
  /** Signed once when the key is final, before the first header: it proves that the shares work. */
  | { readonly kind: "test"; readonly epoch: Epoch };

/** What this node holds, answered from memory. */
export interface SealLookups {
  /** Canonical bytes of the header that is final here and was computed here; undefined if it is not (yet). */
  header(height: Height): Bytes | undefined;
  /** A seal that verified here. */
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

/** The bytes that a seal of `target` signs; undefined for a header that is not final and computed here. */
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

/** The multiple of the seal interval at or above `height`: up to there a seal covers it by parent hashes (S2). */
export function coverOf(height: number): number {
  return Math.ceil(height / LIMITS.sealInterval) * LIMITS.sealInterval;
}

/** Does a seal of `sealed` serve as one of `wanted` (S2)? */
export function covers(wanted: SealTarget, sealed: SealTarget): boolean {
  if (wanted.kind === "test" || sealed.kind === "test") return sameTarget(wanted, sealed);
  if (wanted.epoch !== sealed.epoch) return false;
  return sealed.height >= wanted.height && sealed.height <= coverOf(wanted.height);
}

/** A plain Ed25519 check under the group key. */
export function sealHolds(
  key: SealKey,
  sealed: { readonly message: Bytes; readonly seal: Signature },
  verify: Verify,
): boolean {
  return verify({ publicKey: key.groupKey, message: sealed.message, signature: sealed.seal });
}
