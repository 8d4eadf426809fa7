/** Operations of the key ceremony (K1). Their author is a validator, with its identity key. */
import { toHex } from "../bytes.js";
import { DIGEST_LENGTH } from "../hash.js";
import { LIMITS } from "../limits.js";
import { validatorIndex } from "../numbers.js";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, } from "../signature.js";
const X25519_LENGTH = 32;
/** The fields of every step begin with its attempt, and its ids belong to its author. */
function stepEncoding(code, own) {
    return {
        code,
        scope: ({ author }) => toHex(author),
        write: (encoder, operation) => {
            own.write(encoder.u32(operation.attempt), operation);
        },
        read: (decoder) => ({ attempt: decoder.u32(), ...own.read(decoder) }),
    };
}
export const CEREMONY_OPEN = stepEncoding(3, {
    write: (encoder, { members, threshold }) => encoder.list(members, (member) => encoder.u16(member)).u16(threshold),
    read: (decoder) => ({
        members: decoder.list(LIMITS.validatorsMax, readIndex),
        threshold: decoder.u16(),
    }),
});
export const CEREMONY_ROUND1 = stepEncoding(4, {
    write: (encoder, operation) => encoder.bytes(operation.package).fixed(operation.ephemeralKey, X25519_LENGTH),
    read: (decoder) => ({
        package: decoder.bytes(LIMITS.ceremonyPackageBytesMax),
        ephemeralKey: decoder.fixed(X25519_LENGTH),
    }),
});
export const CEREMONY_SHARES = stepEncoding(5, {
    write: (encoder, { ciphertexts }) => encoder.list(ciphertexts, (item) => encoder.u16(item.to).bytes(item.ciphertext)),
    read: (decoder) => ({
        ciphertexts: decoder.list(LIMITS.validatorsMax, (inner) => ({
            to: readIndex(inner),
            ciphertext: inner.bytes(LIMITS.ciphertextBytesMax),
        })),
    }),
});
export const CEREMONY_CONFIRM = stepEncoding(6, {
    write: (encoder, operation) => {
        encoder.fixed(operation.transcriptHash, DIGEST_LENGTH);
        encoder.fixed(operation.groupKey, PUBLIC_KEY_LENGTH);
        encoder.list(operation.verifyingShares, (item) => encoder.u16(item.member).fixed(item.share, PUBLIC_KEY_LENGTH));
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
export const CEREMONY_COMPLAINT = stepEncoding(7, {
    write: (encoder, { accused, ephemeralSecret }) => encoder.u16(accused).fixed(ephemeralSecret, X25519_LENGTH),
    read: (decoder) => ({
        accused: readIndex(decoder),
        ephemeralSecret: decoder.fixed(X25519_LENGTH),
    }),
});
function readIndex(decoder) {
    return validatorIndex(decoder.u16());
}
