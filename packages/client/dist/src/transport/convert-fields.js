/**
 * Converts single fields of generated messages to values of the protocol; a refusal names the field that does not
 * fit.
 */
import { amount } from "../primitives/amount.js";
import { utf8 } from "../primitives/bytes.js";
import { parseUuid } from "../primitives/ids.js";
import { LIMITS } from "../primitives/limits.js";
import { ADDRESS_FORM, isNetworkAddress } from "../primitives/network-address.js";
import { epoch, height, validatorIndex, view, } from "../primitives/numbers.js";
import { Refusal } from "./refusal.js";
/** Of a certificate, signed by the largest network. */
export const CERTIFICATE_BYTES_MAX = 256 + LIMITS.validatorsMax * 66;
/** Thrown by the readers here; `convert` turns it into a refusal. */
class FieldProblem extends Error {
    refusal;
    constructor(reason, field, message) {
        super(message);
        this.refusal = new Refusal(reason, { message: `${field}: ${message}`, field });
    }
}
/** Runs readers; the first field that does not fit is the refusal. */
export function convert(read) {
    try {
        return read();
    }
    catch (error) {
        if (error instanceof FieldProblem)
            return error.refusal;
        throw error;
    }
}
/** Ends a conversion. */
export function fail(reason, field, message) {
    throw new FieldProblem(reason, field, message);
}
export function present(value, field) {
    return value ?? fail("MISSING_FIELD", field, "is missing");
}
export function readUuid(text, field) {
    if (text === "")
        fail("MISSING_FIELD", field, "is missing");
    return parseUuid(text) ?? fail("MALFORMED", field, "must be a UUID in lower case");
}
/** Of exactly `length` bytes: a key, a hash, a signature. */
export function readFixed(bytes, length, field) {
    if (bytes.length === 0)
        fail("MISSING_FIELD", field, "is missing");
    if (bytes.length !== length) {
        fail("MALFORMED", field, `must have ${length} bytes, not ${bytes.length}`);
    }
    return bytes;
}
/** Bytes of variable length that other code decodes. */
export function readBytes(bytes, lengthMax, field) {
    if (bytes.length === 0)
        fail("MISSING_FIELD", field, "is missing");
    if (bytes.length > lengthMax)
        fail("LIMIT", field, `must have at most ${lengthMax} bytes`);
    return bytes;
}
export function readText(text, lengthMax, field) {
    if (text === "")
        fail("MISSING_FIELD", field, "is missing");
    if (utf8(text).length > lengthMax) {
        fail("LIMIT", field, `must have at most ${lengthMax} bytes of UTF-8`);
    }
    return text;
}
/** A network address. Its grammar excludes characters that mean something to a terminal or a log. */
export function readAddress(text, field) {
    readText(text, LIMITS.addressLengthMax, field);
    if (!isNetworkAddress(text))
        fail("MALFORMED", field, `must be ${ADDRESS_FORM}`);
    return text;
}
export function readList(items, countMax, list) {
    const { field, read } = list;
    if (items.length > countMax)
        fail("LIMIT", field, `must have at most ${countMax} items`);
    return items.map((item, i) => read(item, `${field}[${i}]`));
}
/** A u64 that JavaScript represents exactly: times, counters. */
export function readCounter(value, field) {
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
        fail("LIMIT", field, "must be at most 2^53 - 1");
    return Number(value);
}
export function readHeight(value, field) {
    return height(readCounter(value, field));
}
export function readView(value, field) {
    return view(readCounter(value, field));
}
export function readEpoch(value, field) {
    return epoch(readCounter(value, field));
}
export function readIndex(value, field) {
    if (value >= LIMITS.validatorsMax) {
        fail("LIMIT", field, `must be below ${LIMITS.validatorsMax}`);
    }
    return validatorIndex(value);
}
export function readAmount(value) {
    // Protobuf's uint64 has exactly the range of an amount.
    return amount(value);
}
/** The decoded value of canonical bytes, or their fault. */
export function decoded(value, field) {
    if (value instanceof Error)
        fail("MALFORMED", field, value.message);
    return value;
}
/** Undefined for an empty value: proto3 cannot mark a plain field as absent. */
export function given(text) {
    return text === "" ? undefined : text;
}
export function givenBytes(bytes) {
    return bytes.length === 0 ? undefined : bytes;
}
