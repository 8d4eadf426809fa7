/**
 * The place in the chain with which a cursor of entries, transactions or events begins: its height in eight bytes and its index in
 * four, big-endian. So a client can tell that the cursor of an event leads nowhere else.
 */
import { base64Decode } from "@bufbuild/protobuf/wire";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.js";
import { LIMITS } from "../primitives/limits.js";
import { height } from "../primitives/numbers.js";
/** Bytes. */
export const PLACE_LENGTH = 12;
/** The characters of base64 that are these bytes and no others. */
const PLACE_CHARACTERS = 16;
export function writePlace({ height: at, index }) {
    return new Encoder().u64(at).u32(index).finish();
}
/** Undefined for bytes that are no place of an operation. */
export function readPlace(bytes) {
    const place = decodeStrict(bytes, (decoder) => ({
        height: height(decoder.safeU64()),
        index: decoder.u32(),
    }));
    if (place instanceof EncodingError)
        return undefined;
    return place.index < LIMITS.blockOperationsMax ? place : undefined;
}
/** The place that a cursor leads to, for those who cannot check the rest of it. */
export function placeOfCursor(cursor) {
    const text = cursor.slice(0, PLACE_CHARACTERS);
    if (!/^[A-Za-z0-9_-]{16}$/.test(text))
        return undefined;
    return readPlace(new Uint8Array(base64Decode(text)));
}
