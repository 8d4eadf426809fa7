/** Strict reading of JSON values: every failure names the field and the remedy. */
import { GenesisError } from "./genesis-error.ts";

interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Parses JSON and refuses what two readers may understand differently: a name given twice, and (where the
 * engine shows the source text of numbers) a number that is not written in plain digits, which becomes NaN.
 */
export function parseStrictJson(text: string): unknown {
  let names = 0;
  const revive = (_: string, value: unknown, context?: { readonly source?: string }) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      names += Object.keys(value).length;
    }
    if (typeof value !== "number" || context?.source === undefined) return value;
    return /^(0|[1-9][0-9]*)$/.test(context.source) ? value : Number.NaN;
  };
  let value: unknown;
  try {
    value = JSON.parse(text, revive);
  } catch {
    throw new GenesisError("", "is not JSON", "write one JSON object");
  }
  // A text in valid JSON that is followed by a colon is a name.
  const written = text.match(/"(?:[^"\\]|\\.)*"(\s*:)?/g)?.filter((item) => item.endsWith(":"));
  if ((written?.length ?? 0) === names) return value;
  throw new GenesisError("", "has a name twice in one object", "keep one of them");
}

/** An object with exactly these names. */
export function readRecord<K extends string>(
  field: string,
  value: unknown,
  names: readonly K[],
): Record<K, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new GenesisError(field, "is not an object", `write an object with ${names.join(", ")}`);
  }
  const known: readonly string[] = names;
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    throw new GenesisError(
      join(field, name),
      "is not known",
      `remove it, or see ${names.join(", ")}`,
    );
  }
  for (const name of names) {
    if (Object.hasOwn(value, name)) continue;
    throw new GenesisError(join(field, name), "is missing", "add it");
  }
  return value as Record<K, unknown>;
}

export function readList<T>(
  field: string,
  value: unknown,
  count: Range,
  read: (field: string, item: unknown, index: number) => T,
): T[] {
  if (!Array.isArray(value) || value.length < count.min || value.length > count.max) {
    const remedy = `write a list of ${count.min} to ${count.max}`;
    throw new GenesisError(field, "is not a list of an allowed length", remedy);
  }
  return value.map((item, index) => read(`${field}[${index}]`, item, index));
}

export function readInteger(field: string, value: unknown, range: Range): number {
  const fits =
    typeof value === "number" &&
    Number.isSafeInteger(value) &&
    value >= range.min &&
    value <= range.max;
  if (fits) return value;
  const remedy = `write plain digits, ${range.min} to ${range.max}`;
  throw new GenesisError(field, "is not a whole number within its range", remedy);
}

export function readMatching(
  field: string,
  value: unknown,
  rule: { readonly pattern: RegExp; readonly form: string },
): string {
  if (typeof value === "string" && rule.pattern.test(value)) return value;
  throw new GenesisError(field, "does not have its form", `write ${rule.form}`);
}

function join(field: string, name: string): string {
  return field === "" ? name : `${field}.${name}`;
}
