/** One attempt of the key ceremony, and the hash that binds each of its messages to it (K8). */
import type { FROST } from "@noble/curves/abstract/frost.js";
import type { CeremonyContext } from "../ledger/ceremony-judge.ts";
import { assert } from "../primitives/assert.ts";
import { toHex } from "../primitives/bytes.ts";
import { type Decoder, Encoder } from "../primitives/encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { epoch, type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import { TAGS } from "../primitives/tags.ts";
import { frostWithProofsBoundTo, type SealSuite } from "./suite.ts";

export interface Attempt {
  readonly context: CeremonyContext;
  readonly suite: SealSuite;
  /** Hash of network id, epoch, attempt, members and threshold. */
  readonly hash: Digest;
  /** Prefix of the challenge of each proof of knowledge. */
  readonly proofPrefix: string;
  /** The suite with its proofs bound to this attempt. A proof from another attempt is refused. */
  readonly frost: FROST;
}

export function openAttempt(suite: SealSuite, context: CeremonyContext): Attempt {
  const { members, threshold } = context;
  assert(threshold >= 2 && threshold <= members.length, "an attempt has enough members");
  assert(
    members.every((member, i) => i === 0 || member > (members[i - 1] ?? 0)),
    "members ascend",
  );
  const encoder = new Encoder().tag(TAGS.ceremonyAttempt);
  writeContext(encoder, context);
  const hash = suite.hash(encoder.finish());
  const proofPrefix = `${TAGS.ceremonyProof}${toHex(hash)}`;
  return { context, suite, hash, proofPrefix, frost: frostWithProofsBoundTo(suite, proofPrefix) };
}

export function isMember(attempt: Attempt, member: ValidatorIndex): boolean {
  return attempt.context.members.includes(member);
}

export function sameContext(left: CeremonyContext, right: CeremonyContext): boolean {
  const encoded = [left, right].map((context) => {
    const encoder = new Encoder();
    writeContext(encoder, context);
    return toHex(encoder.finish());
  });
  return encoded[0] === encoded[1];
}

export function writeContext(encoder: Encoder, context: CeremonyContext): void {
  encoder.fixed(context.networkId, DIGEST_LENGTH).u64(context.epoch).u32(context.attempt);
  encoder.list(context.members, (member) => encoder.u16(member)).u16(context.threshold);
}

export function readContext(decoder: Decoder): CeremonyContext {
  return {
    networkId: decoder.fixed(DIGEST_LENGTH),
    epoch: epoch(decoder.safeU64()),
    attempt: decoder.u32(),
    members: decoder.list(LIMITS.validatorsMax, (inner) => validatorIndex(inner.u16())),
    threshold: decoder.u16(),
  };
}
