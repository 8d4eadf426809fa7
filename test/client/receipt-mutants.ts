/** Receipts whose structure is changed: fields removed, moved, retyped, repeated, or taken from other receipts. */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

type Path = readonly (string | number)[];

/** Every mutant of `text` as another text. `others`: receipts to take parts from. */
export function* structuralMutants(text: string, others: readonly string[]): Generator<string> {
  const root = JSON.parse(text) as JsonValue;
  const donors = others.map((other) => JSON.parse(other) as JsonValue);
  for (const path of pathsIn(root)) {
    const value = at(root, path) as JsonValue;
    for (const changed of valuesInstead(value)) yield JSON.stringify(replaced(root, path, changed));
    for (const donor of donors) {
      const other = at(donor, path);
      if (other !== undefined) yield JSON.stringify(replaced(root, path, other));
    }
    if (path.length > 0) yield JSON.stringify(removed(root, path));
    if (Array.isArray(value)) yield* listMutants(root, path, value);
    else if (isObject(value)) yield* objectMutants(root, path, value);
  }
}

function* valuesInstead(value: JsonValue): Generator<JsonValue> {
  const zeros = (length: number) => Buffer.alloc(length).toString("base64");
  yield* [null, true, false, 0, 1, -1, 2.5, 2 ** 53, "", "0", "1", "AAAA", [], {}];
  yield* [zeros(32), zeros(64), [value], { value }];
  if (typeof value === "number")
    yield* [value + 1, value - 1, -value, String(value), value + 2 ** 32];
  if (typeof value !== "string") return;
  if (/^[0-9]+$/.test(value)) {
    yield* [
      `${BigInt(value) + 1n}`,
      `${BigInt(value) + (1n << 64n)}`,
      `0${value}`,
      `-${value}`,
      ` ${value}`,
    ];
    yield Number(value);
  }
  const bytes = Buffer.from(value, "base64");
  yield* [value.slice(0, -1), value.slice(4), `${value}AAAA`, value.replaceAll("=", "")];
  yield* [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(0)])].map(
    (other) => other.toString("base64"),
  );
}

function* listMutants(root: JsonValue, path: Path, list: readonly JsonValue[]): Generator<string> {
  const other = (changed: readonly JsonValue[]) => {
    return JSON.stringify(replaced(root, path, [...changed]));
  };
  yield other(list.toReversed());
  for (const [i, item] of list.entries()) {
    yield other(list.toSpliced(i, 0, item));
    yield other([...list, item]);
    const next = list[i + 1];
    if (next !== undefined) yield other(list.with(i, next).with(i + 1, item));
  }
}

function* objectMutants(root: JsonValue, path: Path, object: JsonObject): Generator<string> {
  const names = Object.keys(object);
  for (const name of names) {
    const value = object[name] ?? null;
    const rest = removed(object, [name]) as JsonObject;
    for (const spelling of [snake(name), name.toUpperCase(), `${name} `, `${name}s`]) {
      yield JSON.stringify(replaced(root, path, { ...rest, [spelling]: value }));
    }
    // A repeated name: JSON.stringify cannot write it, so a text of its own stands for the second one.
    const marked = JSON.stringify(replaced(root, path, { ...object, "<again>": value }));
    for (const spelling of new Set([name, snake(name)])) yield marked.replace("<again>", spelling);
    for (const other of names) {
      if (other <= name || typeof object[other] !== typeof value) continue;
      const swapped = { ...object, [name]: object[other] ?? null, [other]: value };
      yield JSON.stringify(replaced(root, path, swapped));
    }
  }
}

function* pathsIn(value: JsonValue, path: Path = []): Generator<Path> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    yield* pathsIn(item, [...path, Array.isArray(value) ? Number(name) : name]);
  }
}

function at(value: JsonValue, path: Path): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string | number, JsonValue>)[name];
  }
  return found;
}

function replaced(value: JsonValue, path: Path, other: JsonValue): JsonValue {
  const [name, ...rest] = path;
  if (name === undefined) return other;
  const copy = structuredClone(value) as Record<string | number, JsonValue>;
  copy[name] = replaced(copy[name] ?? null, rest, other);
  return copy as JsonValue;
}

function removed(value: JsonValue, path: Path): JsonValue {
  const copy = structuredClone(value);
  const parent = at(copy, path.slice(0, -1));
  const name = path.at(-1) ?? "";
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else if (isObject(parent)) delete parent[name];
  return copy;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
