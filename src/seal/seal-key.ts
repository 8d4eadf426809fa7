/** The group key, and a member's share of it with its canonical encoding. */
import type { CeremonyContext, CeremonyOutcome } from "../ledger/ceremony-judge.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, type EncodingError } from "../primitives/encoding.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import { encodeKeyCertificateBody } from "../primitives/key-certificate.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import { PUBLIC_KEY_LENGTH } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import { readContext, writeContext } from "./attempt.ts";
import { SCALAR_LENGTH } from "./group.ts";

/** Public. Every node reads it from the ledger, even one that holds no share. */
export interface SealKey extends CeremonyOutcome {
  readonly context: CeremonyContext;
}

/** Secret: one member's share, stored only encrypted. Any t shares together are the key. */
export interface KeyShare {
  readonly key: SealKey;
  readonly member: ValidatorIndex;
  /** Scalar, 32 bytes little-endian. */
  readonly signingShare: Bytes;
}

export function encodeKeyShare(share: KeyShare): Bytes {
  const encoder = new Encoder().tag(TAGS.keyShare);
  writeContext(encoder, share.key.context);
  return encoder
    .fixed(share.key.groupKey, PUBLIC_KEY_LENGTH)
    .list(share.key.verifyingShares, (item) =>
      encoder.u16(item.member).fixed(item.share, PUBLIC_KEY_LENGTH),
    )
    .fixed(share.key.transcriptHash, DIGEST_LENGTH)
    .u16(share.member)
    .fixed(share.signingShare, SCALAR_LENGTH)
    .finish();
}

export function decodeKeyShare(bytes: Bytes): KeyShare | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.keyShare);
    const key = {
      context: readContext(decoder),
      groupKey: decoder.fixed(PUBLIC_KEY_LENGTH),
      verifyingShares: decoder.list(LIMITS.validatorsMax, (inner) => ({
        member: validatorIndex(inner.u16()),
        share: inner.fixed(PUBLIC_KEY_LENGTH),
      })),
      transcriptHash: decoder.fixed(DIGEST_LENGTH),
    };
    const member = validatorIndex(decoder.u16());
    return { key, member, signingShare: decoder.fixed(SCALAR_LENGTH) };
  });
}

/** The bytes that each member signs with its identity key when it confirms the group key. */
export function certificateBytes(key: SealKey): Bytes {
  const { networkId, epoch, threshold } = key.context;
  return encodeKeyCertificateBody({ ...key, networkId, epoch, threshold });
}
