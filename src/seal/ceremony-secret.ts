/**
 * What a member must still know after a crash in the middle of a ceremony, as one canonical blob. It rests encrypted
 * and is destroyed when the key share is synced or the attempt closes: every attempt draws anew (K7).
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
  /** The polynomial, ascending; t scalars. */
  readonly coefficients: readonly Bytes[];
  readonly ephemeralSecret: Bytes;
  /** Exactly what was or will be sent: resumption sends stored bytes. */
  readonly package: Bytes;
  readonly ephemeralKey: Bytes;
  /** Absent until all packages were ordered. */
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
