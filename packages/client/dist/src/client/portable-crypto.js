/**
 * The functions that a verifier or a wallet brings, in plain JavaScript, for browsers (noble). Their verdicts are those of the
 * nodes' libsodium (L3, docs/signing.md). WebCrypto's Ed25519 is not used: it answers asynchronously, and browsers disagree about keys
 * of small order.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 as portableSha256, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes } from "../primitives/bytes.js";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.js";
const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
export const sha256 = (data) => portableSha256(data);
/** noble's own `verify` holds the equation with the cofactor, so it takes signatures that libsodium refuses. */
export const verify = ({ publicKey, message, signature }) => {
    if (publicKey.length !== PUBLIC_KEY_LENGTH || signature.length !== SIGNATURE_LENGTH)
        return false;
    const key = readPoint(publicKey);
    if (key === undefined || key.isSmallOrder())
        return false;
    const [r, s] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
    if (s >= ORDER)
        return false;
    const k = littleEndian(sha512(concatBytes(r, publicKey, message))) % ORDER;
    const expected = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
    return equalBytes(expected.toBytes(), r) && !expected.isSmallOrder();
};
export const isValidPoint = (point) => {
    const read = point.length === PUBLIC_KEY_LENGTH ? readPoint(point) : undefined;
    return read !== undefined && !read.isSmallOrder() && read.isTorsionFree();
};
/** Random bytes of the platform. */
export function entropy(length) {
    return crypto.getRandomValues(new Uint8Array(length));
}
/** The key pair of a 32-byte seed (RFC 8032 section 5.1.5). noble signs in JavaScript, which cannot promise constant time. */
export function signingKeyOf(seed) {
    const secret = Uint8Array.from(seed);
    return {
        publicKey: ed25519.getPublicKey(secret),
        sign: (message) => ed25519.sign(message, secret),
    };
}
/** Undefined unless `bytes` are the canonical encoding of a point (RFC 8032 section 5.1.3). */
function readPoint(bytes) {
    try {
        return Point.fromBytes(bytes);
    }
    catch {
        return undefined;
    }
}
function littleEndian(bytes) {
    let value = 0n;
    for (let i = bytes.length - 1; i >= 0; i--)
        value = (value << 8n) | BigInt(bytes[i] ?? 0);
    return value;
}
