/** Byte strings: comparison, joining and hexadecimal form. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
const textEncoder = new TextEncoder();
/** Lower-case hexadecimal. */
export function toHex(bytes) {
    return bytesToHex(bytes);
}
/** Bytes of lower-case hexadecimal `text`; undefined if it is anything else. */
export function fromHex(text) {
    if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text))
        return undefined;
    return hexToBytes(text);
}
export function concatBytes(...parts) {
    let length = 0;
    for (const part of parts)
        length += part.length;
    const joined = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
        joined.set(part, at);
        at += part.length;
    }
    return joined;
}
/** Equality of public values; not constant-time, so never for secrets. */
export function equalBytes(left, right) {
    if (left.length !== right.length)
        return false;
    for (let i = 0; i < left.length; i++)
        if (left[i] !== right[i])
            return false;
    return true;
}
/** Lexicographic order: negative, zero or positive. */
export function compareBytes(left, right) {
    const shared = Math.min(left.length, right.length);
    for (let i = 0; i < shared; i++) {
        const difference = (left[i] ?? 0) - (right[i] ?? 0);
        if (difference !== 0)
            return difference;
    }
    return left.length - right.length;
}
export function utf8(text) {
    return textEncoder.encode(text);
}
/**
 * Packs bytes, at most a few thousand, into a text with one character for each: by the million, they take a third of
 * the memory.
 */
export function packBytes(bytes) {
    // Spread syntax would use the iterator, which takes ten times as long.
    return Reflect.apply(String.fromCharCode, undefined, bytes);
}
/** Writes packed bytes into `into`, from `at` on. */
export function unpackInto(into, packed, at = 0) {
    for (let i = 0; i < packed.length; i++)
        into[at + i] = packed.charCodeAt(i);
}
export function unpackBytes(packed) {
    const bytes = new Uint8Array(packed.length);
    unpackInto(bytes, packed);
    return bytes;
}
