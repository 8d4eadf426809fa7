/**
 * Reads Protobuf JSON strictly, by the rules of strict-values.ts. Protobuf's own reader is more lenient in each of these, and Connect
 * does not accept another one. So a JSON body is first read here, the result is dropped, and Connect reads the same bytes
 * again.
 */
import { fromJson, ScalarType, } from "@bufbuild/protobuf";
import { InvariantViolation } from "../primitives/assert.js";
import { fieldPath, isRecord } from "../primitives/json.js";
import { Refusal } from "./refusal.js";
import { fieldsGiven, readBase64, readFlag, readInteger, readItems, readJsonText, refuseWrongField, WrongField, } from "./strict-values.js";
/** The message in the JSON `bytes`; a refusal names the first wrong field. */
export function readStrictJson(schema, bytes) {
    const json = refuseWrongField(() => readMessage(schema, readJsonText(bytes), ""));
    if (json instanceof Refusal)
        return json;
    try {
        return fromJson(schema, json);
    }
    catch (error) {
        // One check is left to protobuf's reader: two members of one oneof.
        const message = error instanceof Error ? error.message : String(error);
        return new Refusal("MALFORMED", { message });
    }
}
function readMessage(schema, value, path) {
    const result = {};
    for (const [field, item, place] of fieldsGiven(schema.fields, value, path)) {
        result[field.jsonName] = readField(field, item, place);
    }
    return result;
}
function readField(field, value, path) {
    switch (field.fieldKind) {
        case "scalar":
            return readScalar(field.scalar, value, path);
        case "enum":
            return readEnum(field.enum, value, path);
        case "message":
            return readMessage(field.message, value, path);
        case "list":
            return readItems(value, path, (item, place) => readItem(field, item, place));
        case "map": {
            if (!isRecord(value))
                throw new WrongField(path, "must be an object");
            const entries = Object.entries(value);
            return Object.fromEntries(entries.map(([key, item]) => [key, readItem(field, item, fieldPath(path, key))]));
        }
    }
}
function readItem(field, item, path) {
    if (field.scalar !== undefined)
        return readScalar(field.scalar, item, path);
    if (field.enum !== undefined)
        return readEnum(field.enum, item, path);
    return readMessage(field.message, item, path);
}
function readScalar(type, value, path) {
    switch (type) {
        case ScalarType.STRING:
            if (typeof value !== "string")
                throw new WrongField(path, "must be a text");
            if (!value.isWellFormed())
                throw new WrongField(path, "holds a lone surrogate");
            return value;
        case ScalarType.BYTES:
            return readBase64(value, path);
        case ScalarType.BOOL:
            return readFlag(value, path);
        case ScalarType.UINT32:
            return Number(readInteger(value, path, 0xffffffffn));
        case ScalarType.UINT64:
            return readInteger(value, path, 0xffffffffffffffffn).toString();
        default:
            // The contracts have no signed integers and no floating point.
            throw new InvariantViolation(`no strict JSON for scalar type ${type}`);
    }
}
function readEnum(type, value, path) {
    const names = type.values.map((one) => one.name);
    const name = names.find((one) => one === value);
    if (name === undefined)
        throw new WrongField(path, `must be one of ${names.join(", ")}`);
    return name;
}
