/**
 * Identifiers: UUIDs in lower case (RFC 9562), and wallet ids, which are derived so that only the owner can claim
 * one.
 */
import { assert } from "./assert.js";
import { fromHex, toHex } from "./bytes.js";
import { Encoder } from "./encoding.js";
import { DIGEST_LENGTH } from "./hash.js";
import { PUBLIC_KEY_LENGTH } from "./signature.js";
import { TAGS } from "./tags.js";
export const UUID_LENGTH = 16;
const HYPHEN = 0x2d;
const LETTER_A = 0x61;
const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export function parseUuid(text) {
    return PATTERN.test(text) ? text : undefined;
}
/** Digit by digit: a block's entries take two thousand of these, and a general reader of hexadecimal takes several times as long. */
export function uuidToBytes(id) {
    const bytes = new Uint8Array(UUID_LENGTH);
    let digits = 0;
    for (let at = 0; at < id.length; at++) {
        const code = id.charCodeAt(at);
        if (code === HYPHEN)
            continue;
        bytes[digits >> 1] =
            ((bytes[digits >> 1] ?? 0) << 4) | (code < LETTER_A ? code - 0x30 : code - 0x57);
        digits += 1;
    }
    assert(digits === 2 * UUID_LENGTH, "uuid of a wrong length");
    return bytes;
}
export function uuidFromBytes(bytes) {
    assert(bytes.length === UUID_LENGTH, "a uuid has 16 bytes");
    const hex = toHex(bytes);
    const parts = [
        hex.slice(0, 8),
        hex.slice(8, 12),
        hex.slice(12, 16),
        hex.slice(16, 20),
        hex.slice(20),
    ];
    return parts.join("-");
}
export function writeUuid(encoder, id) {
    encoder.fixed(uuidToBytes(id), UUID_LENGTH);
}
export function readUuid(decoder) {
    return uuidFromBytes(decoder.fixed(UUID_LENGTH));
}
/**
 * The first 122 bits of `digest` as a UUIDv8 (RFC 9562 section 5.8): they fill custom_a, custom_b and custom_c
 * in order, around the version and variant bits.
 */
export function uuidFromDigest(digest) {
    const bits = BigInt(`0x${toHex(digest)}`) >> 134n;
    const customA = bits >> 74n;
    const customB = (bits >> 62n) & 0xfffn;
    const customC = bits & ((1n << 62n) - 1n);
    const value = (customA << 80n) | (8n << 76n) | (customB << 64n) | (2n << 62n) | customC;
    const bytes = fromHex(value.toString(16).padStart(32, "0"));
    assert(bytes !== undefined, "hexadecimal of a number");
    return uuidFromBytes(bytes);
}
/** A wallet's id follows from its key and its creation id (L5). */
export function deriveWalletId(hash, wallet) {
    const encoder = new Encoder()
        .tag(TAGS.walletId)
        .fixed(wallet.networkId, DIGEST_LENGTH)
        .fixed(wallet.publicKey, PUBLIC_KEY_LENGTH);
    writeUuid(encoder, wallet.creationId);
    return uuidFromDigest(hash(encoder.finish()));
}
