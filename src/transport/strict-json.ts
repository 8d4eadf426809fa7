/**
 * Reads Protobuf JSON strictly: UTF-8 without repeated or unknown fields, without numbers that a reader may have
 * rounded, with canonical base64 only (T10). Protobuf's own reader is more lenient in each of these, and Connect does
 * not accept another one. So a JSON body is first read here, the result is dropped, and Connect reads the same bytes
 * again.
 */
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import { InvariantViolation } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import {
  fieldPath,
  isRecord,
  type Json,
  JsonProblem,
  NumberLiteral,
  readJson,
} from "../primitives/json.ts";
import { Refusal } from "./refusal.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The message in the JSON `bytes`; a refusal names the first wrong field. */
export function readStrictJson<Desc extends DescMessage>(
  schema: Desc,
  bytes: Bytes,
): MessageShape<Desc> | Refusal {
  let json: JsonObject;
  try {
    json = readMessage(schema, readText(bytes), "");
  } catch (error) {
    if (!(error instanceof WrongField)) throw error;
    return new Refusal("MALFORMED", { message: error.message, field: error.field });
  }
  try {
    return fromJson(schema, json);
  } catch (error) {
    // One check is left to protobuf's reader: two members of one oneof.
    const message = error instanceof Error ? error.message : String(error);
    return new Refusal("MALFORMED", { message });
  }
}

/** A field and its fault; thrown inside this file only. */
class WrongField extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(field === "" ? message : `${field}: ${message}`);
    this.field = field;
  }
}

function readText(bytes: Bytes): Json {
  if (bytes.length === 0) throw new WrongField("", "the body is empty; send at least {}");
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new WrongField("", "the body is not UTF-8");
  }
  const value = readJson(text);
  if (!(value instanceof JsonProblem)) return value;
  const { field, message } = value;
  throw new WrongField(field, field === "" ? `the body ${message}` : message);
}

function readMessage(schema: DescMessage, value: Json, path: string): JsonObject {
  if (!isRecord(value))
    throw new WrongField(path, path === "" ? "the body must be an object" : "must be an object");
  const result: JsonObject = {};
  const seen = new Set<DescField>();
  for (const [key, item] of Object.entries(value)) {
    const field = schema.fields.find((one) => one.jsonName === key || one.name === key);
    if (field === undefined) {
      const names = schema.fields.map((one) => one.jsonName).join(", ");
      throw new WrongField(
        fieldPath(path, key),
        `is unknown; the fields here are: ${names || "none"}`,
      );
    }
    if (seen.has(field)) {
      throw new WrongField(fieldPath(path, field.jsonName), "is given twice");
    }
    seen.add(field);
    // In proto3 JSON null means absent.
    if (item !== null)
      result[field.jsonName] = readField(field, item, fieldPath(path, field.jsonName));
  }
  return result;
}

function readField(field: DescField, value: Json, path: string): JsonValue {
  switch (field.fieldKind) {
    case "scalar":
      return readScalar(field.scalar, value, path);
    case "enum":
      return readEnum(field.enum, value, path);
    case "message":
      return readMessage(field.message, value, path);
    case "list":
      if (!Array.isArray(value)) throw new WrongField(path, "must be a list");
      return value.map((item, i) => readItem(field, item, `${path}[${i}]`));
    case "map": {
      if (!isRecord(value)) throw new WrongField(path, "must be an object");
      const entries = Object.entries(value);
      return Object.fromEntries(
        entries.map(([key, item]) => [key, readItem(field, item, fieldPath(path, key))]),
      );
    }
  }
}

function readItem(
  field: DescField & { fieldKind: "list" | "map" },
  item: Json,
  path: string,
): JsonValue {
  if (field.scalar !== undefined) return readScalar(field.scalar, item, path);
  if (field.enum !== undefined) return readEnum(field.enum, item, path);
  return readMessage(field.message, item, path);
}

function readScalar(type: ScalarType, value: Json, path: string): JsonValue {
  switch (type) {
    case ScalarType.STRING:
      if (typeof value !== "string") throw new WrongField(path, "must be a text");
      if (!value.isWellFormed()) throw new WrongField(path, "holds a lone surrogate");
      return value;
    case ScalarType.BYTES:
      return readBase64(value, path);
    case ScalarType.BOOL:
      if (typeof value !== "boolean") throw new WrongField(path, "must be true or false");
      return value;
    case ScalarType.UINT32:
      return Number(readInteger(value, path, 0xffff_ffffn));
    case ScalarType.UINT64:
      return readInteger(value, path, 0xffff_ffff_ffff_ffffn).toString();
    default:
      // The contracts have no signed integers and no floating point.
      throw new InvariantViolation(`no strict JSON for scalar type ${type}`);
  }
}

/** Decimal digits without sign, leading zero, fraction or exponent: in quotes, or bare if no reader rounds them. */
function readInteger(value: Json, path: string, max: bigint): bigint {
  const text = value instanceof NumberLiteral ? value.source : value;
  if (typeof text !== "string" || !/^(0|[1-9][0-9]*)$/.test(text)) {
    throw new WrongField(path, 'must be a whole number in decimal digits, such as "1000"');
  }
  const integer = BigInt(text.length > 20 ? "99999999999999999999" : text);
  if (integer > max) throw new WrongField(path, `must be at most ${max}`);
  if (value instanceof NumberLiteral && integer > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new WrongField(path, `is a number that readers of JSON round; write it as "${text}"`);
  }
  return integer;
}

function readBase64(value: Json, path: string): string {
  if (typeof value !== "string") throw new WrongField(path, "must be base64 in a text");
  if (Buffer.from(value, "base64").toString("base64") !== value) {
    throw new WrongField(path, "must be standard base64 with padding (RFC 4648 section 4)");
  }
  return value;
}

function readEnum(type: DescEnum, value: Json, path: string): string {
  const names = type.values.map((one) => one.name);
  const name = names.find((one) => one === value);
  if (name === undefined) throw new WrongField(path, `must be one of ${names.join(", ")}`);
  return name;
}
