/** Operations of the key ceremony (K1). Their author is a validator, with its identity key. */
import { type Bytes, toHex } from "../bytes.ts";
import type { Decoder, Encoder } from "../encoding.ts";
import { DIGEST_LENGTH, type Digest } from "../hash.ts";
import { LIMITS } from "../limits.ts";
import { type ValidatorIndex, validatorIndex } from "../numbers.ts";
import {
  PUBLIC_KEY_LENGTH,
  type PublicKey,
  SIGNATURE_LENGTH,
  type Signature,
} from "../signature.ts";
import type { CommonFields, OperationEncoding, OwnFields } from "./fields.ts";

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
  /** The complainer's X25519 secret of this attempt, with which every node can judge the complaint. */
  readonly ephemeralSecret: Bytes;
}

export type CeremonyStep =
  | CeremonyOpen
  | CeremonyRound1
  | CeremonyShares
  | CeremonyConfirm
  | CeremonyComplaint;

const X25519_LENGTH = 32;

/** The fields of every step begin with its attempt, and its ids belong to its author. */
function stepEncoding<O extends CeremonyStep>(
  code: number,
  own: {
    readonly write: (encoder: Encoder, operation: O) => unknown;
    readonly read: (decoder: Decoder) => Omit<OwnFields<O>, "attempt">;
  },
): OperationEncoding<O> {
  return {
    code,
    scope: ({ author }) => toHex(author),
    write: (encoder, operation) => {
      own.write(encoder.u32(operation.attempt), operation);
    },
    read: (decoder) => ({ attempt: decoder.u32(), ...own.read(decoder) }) as OwnFields<O>,
  };
}

export const CEREMONY_OPEN = stepEncoding<CeremonyOpen>(3, {
  write: (encoder, { members, threshold }) =>
    encoder.list(members, (member) => encoder.u16(member)).u16(threshold),
  read: (decoder) => ({
    members: decoder.list(LIMITS.validatorsMax, readIndex),
    threshold: decoder.u16(),
  }),
});

export const CEREMONY_ROUND1 = stepEncoding<CeremonyRound1>(4, {
  write: (encoder, operation) =>
    encoder.bytes(operation.package).fixed(operation.ephemeralKey, X25519_LENGTH),
  read: (decoder) => ({
    package: decoder.bytes(LIMITS.ceremonyPackageBytesMax),
    ephemeralKey: decoder.fixed(X25519_LENGTH),
  }),
});

export const CEREMONY_SHARES = stepEncoding<CeremonyShares>(5, {
  write: (encoder, { ciphertexts }) =>
    encoder.list(ciphertexts, (item) => encoder.u16(item.to).bytes(item.ciphertext)),
  read: (decoder) => ({
    ciphertexts: decoder.list(LIMITS.validatorsMax, (inner) => ({
      to: readIndex(inner),
      ciphertext: inner.bytes(LIMITS.ciphertextBytesMax),
    })),
  }),
});

export const CEREMONY_CONFIRM = stepEncoding<CeremonyConfirm>(6, {
  write: (encoder, operation) => {
    encoder.fixed(operation.transcriptHash, DIGEST_LENGTH);
    encoder.fixed(operation.groupKey, PUBLIC_KEY_LENGTH);
    encoder.list(operation.verifyingShares, (item) =>
      encoder.u16(item.member).fixed(item.share, PUBLIC_KEY_LENGTH),
    );
    encoder.fixed(operation.certificateSignature, SIGNATURE_LENGTH);
  },
  read: (decoder) => ({
    transcriptHash: decoder.fixed(DIGEST_LENGTH),
    groupKey: decoder.fixed(PUBLIC_KEY_LENGTH),
    verifyingShares: decoder.list(LIMITS.validatorsMax, (inner) => ({
      member: readIndex(inner),
      share: inner.fixed(PUBLIC_KEY_LENGTH),
    })),
    certificateSignature: decoder.fixed(SIGNATURE_LENGTH),
  }),
});

export const CEREMONY_COMPLAINT = stepEncoding<CeremonyComplaint>(7, {
  write: (encoder, { accused, ephemeralSecret }) =>
    encoder.u16(accused).fixed(ephemeralSecret, X25519_LENGTH),
  read: (decoder) => ({
    accused: readIndex(decoder),
    ephemeralSecret: decoder.fixed(X25519_LENGTH),
  }),
});

function readIndex(decoder: Decoder): ValidatorIndex {
  return validatorIndex(decoder.u16());
}
