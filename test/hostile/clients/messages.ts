/** Random messages of any type in the contract: well-formed, and often with values that the node knows. */
import {
  create,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import type { Random } from "../../support/world/random.ts";

/** Values that mean something to the attacked node, so that a request gets as far as it can. */
export interface Words {
  readonly texts: readonly string[];
  readonly bytes: readonly Uint8Array[];
}

const ODD_TEXTS = ["", "EUR", "0", "é", "\u0000", "../..", "%2e", "' or 1=1", "a".repeat(2_000)];
const EDGES = [0n, 1n, 2n, 25n, 255n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n - 1n];
const LENGTHS = [0, 1, 16, 31, 32, 33, 64, 65, 300];
const DEPTH_MAX = 4;

export function drawMessage(random: Random, type: DescMessage, words: Words, depth = 0): Message {
  const fields: Record<string, unknown> = {};
  for (const member of type.members) {
    if (!random.chance(0.75)) continue;
    if (member.kind === "oneof") {
      const field = random.pick(member.fields);
      const value = drawField(random, field, words, depth);
      if (value !== undefined) fields[member.localName] = { case: field.localName, value };
      continue;
    }
    const value = drawField(random, member, words, depth);
    if (value !== undefined) fields[member.localName] = value;
  }
  return create(type, fields);
}

function drawField(random: Random, field: DescField, words: Words, depth: number): unknown {
  switch (field.fieldKind) {
    case "scalar":
      return drawScalar(random, field.scalar, words);
    case "enum":
      return drawEnum(random, field.enum.values);
    case "message":
      if (depth >= DEPTH_MAX) return undefined;
      return drawMessage(random, field.message, words, depth + 1);
    case "list":
      if (depth >= DEPTH_MAX) return undefined;
      return Array.from({ length: random.below(4) }, () => {
        if (field.listKind === "scalar") return drawScalar(random, field.scalar, words);
        if (field.listKind === "enum") return drawEnum(random, field.enum.values);
        return drawMessage(random, field.message, words, depth + 1);
      });
    case "map":
      return {};
  }
}

function drawEnum(random: Random, values: readonly { readonly number: number }[]): number {
  return random.chance(0.9) ? random.pick(values).number : random.pick([99, 2 ** 31 - 1]);
}

function drawScalar(random: Random, type: ScalarType, words: Words): unknown {
  switch (type) {
    case ScalarType.STRING:
      if (random.chance(0.6)) return random.pick(words.texts);
      return random.chance(0.5) ? uuidOf(random) : random.pick(ODD_TEXTS);
    case ScalarType.BYTES:
      return random.chance(0.5) ? random.pick(words.bytes) : noise(random, random.pick(LENGTHS));
    case ScalarType.BOOL:
      return random.chance(0.5);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return random.pick([0, 1.5, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY]);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return random.chance(0.3) ? BigInt(Date.now()) + 60_000n : random.pick(EDGES);
    default:
      return Number(random.pick(EDGES) % 2n ** 31n);
  }
}

export function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

function uuidOf(random: Random): string {
  const digits = noise(random, 16).toString("hex");
  const [a, b, c, d, e] = [0, 8, 13, 17, 20].map((at) => digits.slice(at));
  return `${a?.slice(0, 8)}-${b?.slice(0, 4)}-8${c?.slice(0, 3)}-8${d?.slice(0, 3)}-${e}`;
}
