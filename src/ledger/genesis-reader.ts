/** Strict reading of JSON values: every failure names the field and the remedy. */
import {
  fieldPath,
  isRecord,
  type Json,
  JsonProblem,
  readJson,
  readWholeNumber,
} from "../primitives/json.ts";
import { GenesisError } from "./genesis-error.ts";

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Parses JSON and refuses what two readers may understand differently; numbers keep their digits. */
export function parseStrictJson(text: string): Json {
  const value = readJson(text);
  if (!(value instanceof JsonProblem)) return value;
  const remedy = value.field === "" ? "write one JSON object" : "keep one of them";
  throw new GenesisError(value.field, value.message, remedy);
}

/** An object with exactly these names. */
export function readRecord<K extends string>(
  field: string,
  value: Json,
  names: readonly K[],
): Record<K, Json> {
  if (!isRecord(value)) {
    throw new GenesisError(field, "is not an object", `write an object with ${names.join(", ")}`);
  }
  const known: readonly string[] = names;
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    throw new GenesisError(
      fieldPath(field, name),
      "is not known",
      `remove it, or see ${names.join(", ")}`,
    );
  }
  for (const name of names) {
    if (Object.hasOwn(value, name)) continue;
    throw new GenesisError(fieldPath(field, name), "is missing", "add it");
  }
  return value as Record<K, Json>;
}

export function readList<T>(
  field: string,
  value: Json,
  count: Range,
  read: (field: string, item: Json, index: number) => T,
): T[] {
  if (!Array.isArray(value) || value.length < count.min || value.length > count.max) {
    const remedy = `write a list of ${count.min} to ${count.max}`;
    throw new GenesisError(field, "is not a list of an allowed length", remedy);
  }
  return value.map((item, index) => read(`${field}[${index}]`, item, index));
}

export function readInteger(field: string, value: Json, range: Range): number {
  const number = readWholeNumber(value);
  if (number !== undefined && number >= range.min && number <= range.max) return number;
  const remedy = `write plain digits, ${range.min} to ${range.max}`;
  throw new GenesisError(field, "is not a whole number within its range", remedy);
}

export function readMatching(
  field: string,
  value: Json,
  rule: { readonly pattern: RegExp; readonly form: string },
): string {
  if (typeof value === "string" && rule.pattern.test(value)) return value;
  throw new GenesisError(field, "does not have its form", `write ${rule.form}`);
}
