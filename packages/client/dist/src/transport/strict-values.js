/**
 * The strict reading of single values of Protobuf JSON (T10): UTF-8 without repeated or unknown fields, without numbers that a
 * reader may have rounded, with canonical base64 only. Readers of whole messages are strict-json.ts, by the generated types, and
 * client/receipt-text.ts, by a table of its own.
 */
import { isBase64 } from "../primitives/base64.js";
import { fieldPath, isRecord, JsonProblem, NumberLiteral, readJson, } from "../primitives/json.js";
import { Refusal } from "./refusal.js";
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** A field and its fault; thrown inside readers only. */
export class WrongField extends Error {
    field;
    constructor(field, message) {
        super(field === "" ? message : `${field}: ${message}`);
        this.field = field;
    }
}
/** Runs readers; the first wrong field is the refusal. */
export function refuseWrongField(read) {
    try {
        return read();
    }
    catch (error) {
        if (!(error instanceof WrongField))
            throw error;
        return new Refusal("MALFORMED", { message: error.message, field: error.field });
    }
}
export function readJsonText(bytes) {
    if (bytes.length === 0)
        throw new WrongField("", "the body is empty; send at least {}");
    let text;
    try {
        text = decoder.decode(bytes);
    }
    catch {
        throw new WrongField("", "the body is not UTF-8");
    }
    const value = readJson(text);
    if (!(value instanceof JsonProblem))
        return value;
    const { field, message } = value;
    throw new WrongField(field, field === "" ? `the body ${message}` : message);
}
/** The fields that are given in the object `value`, each with its value and its path, in the order of the text. */
export function fieldsGiven(fields, value, path) {
    if (!isRecord(value))
        throw new WrongField(path, path === "" ? "the body must be an object" : "must be an object");
    const given = [];
    const seen = new Set();
    for (const [key, item] of Object.entries(value)) {
        const field = fields.find((one) => one.jsonName === key || one.name === key);
        if (field === undefined) {
            const names = fields.map((one) => one.jsonName).join(", ");
            throw new WrongField(fieldPath(path, key), `is unknown; the fields here are: ${names || "none"}`);
        }
        const place = fieldPath(path, field.jsonName);
        if (seen.has(field))
            throw new WrongField(place, "is given twice");
        seen.add(field);
        // In proto3 JSON null means absent.
        if (item !== null)
            given.push([field, item, place]);
    }
    return given;
}
/** Decimal digits without sign, leading zero, fraction or exponent: in quotes, or bare if no reader rounds them. */
export function readInteger(value, path, max) {
    const text = value instanceof NumberLiteral ? value.source : value;
    if (typeof text !== "string" || !/^(0|[1-9][0-9]*)$/.test(text)) {
        throw new WrongField(path, 'must be a whole number in decimal digits, such as "1000"');
    }
    const integer = BigInt(text.length > 20 ? "99999999999999999999" : text);
    if (integer > max)
        throw new WrongField(path, `must be at most ${max}`);
    if (value instanceof NumberLiteral && integer > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw new WrongField(path, `is a number that readers of JSON round; write it as "${text}"`);
    }
    return integer;
}
/** Bytes, still in base64. */
export function readBase64(value, path) {
    if (typeof value !== "string")
        throw new WrongField(path, "must be base64 in a text");
    if (!isBase64(value)) {
        throw new WrongField(path, "must be standard base64 with padding (RFC 4648 section 4)");
    }
    return value;
}
export function readFlag(value, path) {
    if (typeof value !== "boolean")
        throw new WrongField(path, "must be true or false");
    return value;
}
export function readItems(value, path, read) {
    if (!Array.isArray(value))
        throw new WrongField(path, "must be a list");
    return value.map((item, i) => read(item, `${path}[${i}]`));
}
