/**
 * The secrets that a member needs to resume a ceremony after a crash, with their canonical encoding. They are stored
 * encrypted, and destroyed when the key share is synced or the attempt closes. Every attempt draws new ones (K7).
 */
import type { CeremonyContext, CiphertextsRecord } from "../ledger/ceremony-judge.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, type EncodingError } from "../primitives/encoding.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import { TAGS } from "../primitives/tags.ts";
import { readContext, writeContext } from "./attempt.ts";
import { SCALAR_LENGTH } from "./group.ts";
import { EPHEMERAL_KEY_LENGTH } from "./share-cipher.ts";

export interface CeremonySecret {
  readonly context: CeremonyContext;
  readonly member: ValidatorIndex;
  /** Coefficients of the polynomial, ascending: t scalars. */
  readonly coefficients: readonly Bytes[];
  readonly ephemeralSecret: Bytes;
  /** The exact bytes of round 1. A member that resumes sends these stored bytes again. */
  readonly package: Bytes;
  readonly ephemeralKey: Bytes;
  /** Absent until all packages are ordered. */
  readonly ciphertexts?: CiphertextsRecord["ciphertexts"] | undefined;
}

export function encodeCeremonySecret(secret: CeremonySecret): Bytes {
  const encoder = new Encoder().tag(TAGS.ceremonySecret);
  writeContext(encoder, secret.context);
  return encoder
    .u16(secret.member)
    .list(secret.coefficients, (scalar) => encoder.fixed(scalar, SCALAR_LENGTH))
    .fixed(secret.ephemeralSecret, EPHEMERAL_KEY_LENGTH)
    .bytes(secret.package)
    .fixed(secret.ephemeralKey, EPHEMERAL_KEY_LENGTH)
    .optional(secret.ciphertexts, (ciphertexts) =>
      encoder.list(ciphertexts, (item) => encoder.u16(item.to).bytes(item.ciphertext)),
    )
    .finish();
}

export function decodeCeremonySecret(bytes: Bytes): CeremonySecret | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    decoder.tag(TAGS.ceremonySecret);
    return {
      context: readContext(decoder),
      member: validatorIndex(decoder.u16()),
      coefficients: decoder.list(LIMITS.validatorsMax, (inner) => inner.fixed(SCALAR_LENGTH)),
      ephemeralSecret: decoder.fixed(EPHEMERAL_KEY_LENGTH),
      package: decoder.bytes(LIMITS.ceremonyPackageBytesMax),
      ephemeralKey: decoder.fixed(EPHEMERAL_KEY_LENGTH),
      ciphertexts: decoder.optional((inner) =>
        inner.list(LIMITS.validatorsMax, () => ({
          to: validatorIndex(inner.u16()),
          ciphertext: inner.bytes(LIMITS.ciphertextBytesMax),
        })),
      ),
    };
  });
}
