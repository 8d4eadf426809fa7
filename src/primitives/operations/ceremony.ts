/** Steps of the key ceremony (K1); the author is a validator's identity key. */
import { type Bytes, toHex } from "../bytes.ts";
import type { Decoder } from "../encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../hash.ts";
import { LIMITS } from "../limits.ts";
import { type ValidatorIndex, validatorIndex } from "../numbers.ts";
import {
  PUBLIC_KEY_LENGTH,
  type PublicKey,
  SIGNATURE_LENGTH,
  type Signature,
} from "../signature.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";

export interface CeremonyOpen extends CommonFields {
  readonly kind: "ceremonyOpen";
  readonly attempt: number;
  /** Ascending. */
  readonly members: readonly ValidatorIndex[];
  readonly threshold: number;
}

export interface CeremonyRound1 extends CommonFields {
  readonly kind: "ceremonyRound1";
  readonly attempt: number;
  readonly package: Bytes;
  /** X25519, of this attempt only. */
  readonly ephemeralKey: Bytes;
}

export interface CeremonyShares extends CommonFields {
  readonly kind: "ceremonyShares";
  readonly attempt: number;
  readonly ciphertexts: readonly { readonly to: ValidatorIndex; readonly ciphertext: Bytes }[];
}

export interface CeremonyConfirm extends CommonFields {
  readonly kind: "ceremonyConfirm";
  readonly attempt: number;
  readonly transcriptHash: Digest;
  readonly groupKey: PublicKey;
  readonly verifyingShares: readonly { readonly member: ValidatorIndex; readonly share: Bytes }[];
  /** The member's identity signature over the key certificate's bytes. */
  readonly certificateSignature: Signature;
}

export interface CeremonyComplaint extends CommonFields {
  readonly kind: "ceremonyComplaint";
  readonly attempt: number;
  readonly accused: ValidatorIndex;
  /** The complainer's X25519 secret of this attempt, so that all can judge. */
  readonly ephemeralSecret: Bytes;
}

export type CeremonyStep =
  | CeremonyOpen
  | CeremonyRound1
  | CeremonyShares
  | CeremonyConfirm
  | CeremonyComplaint;

const X25519_LENGTH = 32;

const scope = ({ author }: CommonFields) => toHex(author);

export const CEREMONY_OPEN: OperationEncoding<CeremonyOpen> = {
  code: 3,
  scope,
  write(encoder, operation) {
    encoder.u32(operation.attempt);
    encoder.list(operation.members, (member) => encoder.u16(member)).u16(operation.threshold);
  },
  read: (decoder) => ({
    attempt: decoder.u32(),
    members: decoder.list(LIMITS.validatorsMax, readIndex),
    threshold: decoder.u16(),
  }),
};

export const CEREMONY_ROUND1: OperationEncoding<CeremonyRound1> = {
  code: 4,
  scope,
  write(encoder, operation) {
    encoder.u32(operation.attempt).bytes(operation.package);
    encoder.fixed(operation.ephemeralKey, X25519_LENGTH);
  },
  read: (decoder) => ({
    attempt: decoder.u32(),
    package: decoder.bytes(LIMITS.ceremonyPackageBytesMax),
    ephemeralKey: decoder.fixed(X25519_LENGTH),
  }),
};

export const CEREMONY_SHARES: OperationEncoding<CeremonyShares> = {
  code: 5,
  scope,
  write(encoder, operation) {
    encoder.u32(operation.attempt);
    encoder.list(operation.ciphertexts, (item) => encoder.u16(item.to).bytes(item.ciphertext));
  },
  read: (decoder) => ({
    attempt: decoder.u32(),
    ciphertexts: decoder.list(LIMITS.validatorsMax, (inner) => ({
      to: readIndex(inner),
      ciphertext: inner.bytes(LIMITS.ciphertextBytesMax),
    })),
  }),
};

export const CEREMONY_CONFIRM: OperationEncoding<CeremonyConfirm> = {
  code: 6,
  scope,
  write(encoder, operation) {
    encoder.u32(operation.attempt).fixed(operation.transcriptHash, DIGEST_LENGTH);
    encoder.fixed(operation.groupKey, PUBLIC_KEY_LENGTH);
    encoder.list(operation.verifyingShares, (item) =>
      encoder.u16(item.member).fixed(item.share, PUBLIC_KEY_LENGTH),
    );
    encoder.fixed(operation.certificateSignature, SIGNATURE_LENGTH);
  },
  read: (decoder) => ({
    attempt: decoder.u32(),
    transcriptHash: decoder.fixed(DIGEST_LENGTH),
    groupKey: decoder.fixed(PUBLIC_KEY_LENGTH),
    verifyingShares: decoder.list(LIMITS.validatorsMax, (inner) => ({
      member: readIndex(inner),
      share: inner.fixed(PUBLIC_KEY_LENGTH),
    })),
    certificateSignature: decoder.fixed(SIGNATURE_LENGTH),
  }),
};

export const CEREMONY_COMPLAINT: OperationEncoding<CeremonyComplaint> = {
  code: 7,
  scope,
  write(encoder, operation) {
    encoder.u32(operation.attempt).u16(operation.accused);
    encoder.fixed(operation.ephemeralSecret, X25519_LENGTH);
  },
  read: (decoder) => ({
    attempt: decoder.u32(),
    accused: readIndex(decoder),
    ephemeralSecret: decoder.fixed(X25519_LENGTH),
  }),
};

function readIndex(decoder: Decoder): ValidatorIndex {
  return validatorIndex(decoder.u16());
}
