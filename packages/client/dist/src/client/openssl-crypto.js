/**
 * The functions that a verifier or a wallet brings, by the OpenSSL that Node has inside, for programs without libsodium. Their verdicts
 * are those of the nodes' libsodium (L3, docs/signing.md).
 */
import { createPrivateKey, createPublicKey, hash as digest, verify as opensslVerify, randomBytes, sign, } from "node:crypto";
import { ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { concatBytes, equalBytes, fromHex } from "../primitives/bytes.js";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.js";
import { isValidPoint as isPortableValidPoint } from "./portable-crypto.js";
/** DER before the 32 bytes of an Ed25519 key (RFC 8410): SubjectPublicKeyInfo, and PKCS #8. */
const PUBLIC_PREFIX = fixed("302a300506032b6570032100");
const SECRET_PREFIX = fixed("302e020100300506032b657004220420");
const SMALL_ORDER = ED25519_TORSION_SUBGROUP.map((hex) => withoutSign(fixed(hex)));
export const sha256 = (data) => plain(digest("sha256", data, "buffer"));
/** OpenSSL takes keys in other encodings, and keys and signatures of small order. */
export const verify = ({ publicKey, message, signature }) => {
    if (publicKey.length !== PUBLIC_KEY_LENGTH || signature.length !== SIGNATURE_LENGTH)
        return false;
    if (!isCanonical(publicKey) || isSmall(publicKey) || isSmall(signature.subarray(0, 32))) {
        return false;
    }
    const key = concatBytes(PUBLIC_PREFIX, publicKey);
    return opensslVerify(null, message, publicKeyOf(key), signature);
};
/** OpenSSL has no such check. */
export const isValidPoint = isPortableValidPoint;
/** Random bytes of the operating system. */
export function entropy(length) {
    return plain(randomBytes(length));
}
/** The key pair of a 32-byte seed (RFC 8032 section 5.1.5). */
export function signingKeyOf(seed) {
    const key = concatBytes(SECRET_PREFIX, seed);
    const secret = createPrivateKey({ key: buffer(key), format: "der", type: "pkcs8" });
    const spki = createPublicKey(secret).export({ format: "der", type: "spki" });
    return {
        publicKey: plain(spki).slice(-PUBLIC_KEY_LENGTH),
        sign: (message) => plain(sign(null, message, secret)),
    };
}
function publicKeyOf(spki) {
    return createPublicKey({ key: buffer(spki), format: "der", type: "spki" });
}
/** The coordinate y below 2^255 - 19, little-endian. */
function isCanonical(point) {
    const y = withoutSign(point);
    const isAtTop = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff);
    return !isAtTop || (y[0] ?? 0) < 0xed;
}
function isSmall(point) {
    const y = withoutSign(point);
    return SMALL_ORDER.some((small) => equalBytes(small, y));
}
function withoutSign(point) {
    const y = Uint8Array.from(point);
    y[31] = (y[31] ?? 0) & 0x7f;
    return y;
}
function fixed(hex) {
    return fromHex(hex) ?? new Uint8Array();
}
function buffer(bytes) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
function plain(bytes) {
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
