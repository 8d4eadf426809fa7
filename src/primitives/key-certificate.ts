/** The key certificate: a quorum of members confirms the group key of an epoch with their identity keys (K9). */
import type { Bytes } from "./bytes.ts";
import { decodeStrict, Encoder, type EncodingError } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import { type Epoch, epoch } from "./numbers.ts";
import { PUBLIC_KEY_LENGTH, type PublicKey, type SignatureCheck } from "./signature.ts";
import { TAGS } from "./tags.ts";
import type { Validator } from "./validators.ts";
import { type CertificateSignature, quorumChecks } from "./vote.ts";

/** The fields that members sign. */
export interface KeyCertificateBody {
  readonly networkId: NetworkId;
  readonly epoch: Epoch;
  readonly groupKey: PublicKey;
  /** t: how many shares make a seal. */
  readonly threshold: number;
  readonly transcriptHash: Digest;
}

export interface KeyCertificate extends KeyCertificateBody {
  /** Identity signatures, signers ascending; every one must verify and there must be a quorum. */
  readonly signatures: readonly CertificateSignature[];
}

/** The bytes each member signs with its identity key. */
export function encodeKeyCertificateBody(body: KeyCertificateBody): Bytes {
  return new Encoder()
    .tag(TAGS.keyCertificate)
    .fixed(body.networkId, DIGEST_LENGTH)
    .u64(body.epoch)
    .fixed(body.groupKey, PUBLIC_KEY_LENGTH)
    .u16(body.threshold)
    .fixed(body.transcriptHash, DIGEST_LENGTH)
    .finish();
}

/** Judges neither the network nor the epoch. */
export function decodeKeyCertificateBody(bytes: Bytes): KeyCertificateBody | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.keyCertificate);
    return {
      networkId: decoder.fixed(DIGEST_LENGTH),
      epoch: epoch(decoder.safeU64()),
      groupKey: decoder.fixed(PUBLIC_KEY_LENGTH),
      threshold: decoder.u16(),
      transcriptHash: decoder.fixed(DIGEST_LENGTH),
    };
  });
}

/** The signatures that must all verify; undefined if signers repeat, are not members, or are fewer than a quorum. */
export function keyCertificateChecks(
  validators: readonly Validator[],
  certificate: KeyCertificate,
): SignatureCheck[] | undefined {
  const message = encodeKeyCertificateBody(certificate);
  return quorumChecks(validators, message, certificate.signatures);
}
