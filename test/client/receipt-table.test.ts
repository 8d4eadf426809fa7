/** The verifier's own table of a receipt's fields is the contract's. */
import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import { RECEIPT } from "../../src/client/receipt-table.ts";
import type { Json } from "../../src/primitives/json.ts";
import { readStrictJson } from "../../src/transport/strict-json.ts";
import { refuseWrongField } from "../../src/transport/strict-values.ts";

/** JSON of `schema` with every field given, by the names that `nameOf` chooses. */
function whole(schema: DescMessage, nameOf: "jsonName" | "name"): Record<string, unknown> {
  const givenFor = (message: DescMessage | undefined, scalar: ScalarType | undefined): unknown => {
    if (message !== undefined) return whole(message, nameOf);
    if (scalar === ScalarType.BYTES) return "AQI=";
    return scalar === ScalarType.BOOL ? true : "4294967295";
  };
  return Object.fromEntries(
    schema.fields.map((field) => {
      const value = givenFor(field.message, field.scalar);
      return [field[nameOf], field.fieldKind === "list" ? [value, value] : value];
    }),
  );
}

function fieldsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fieldsOf);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const kept = Object.entries(value).filter(
    ([name, item]) => name !== "$typeName" && item !== undefined,
  );
  return Object.fromEntries(kept.map(([name, item]) => [name, fieldsOf(item)]));
}

const encode = (value: object) => new TextEncoder().encode(JSON.stringify(value));
const read = (value: object) => refuseWrongField(() => RECEIPT.read(value as Json, ""));

it.each(["jsonName", "name"] as const)(
  "every field is read as Protobuf reads it, by its %s",
  (nameOf) => {
    const json = whole(ReceiptSchema, nameOf);
    expect(fieldsOf(read(json))).toEqual(fieldsOf(readStrictJson(ReceiptSchema, encode(json))));
  },
);

it("a field that is absent, or null, has the value that Protobuf gives it", () => {
  const nulls = Object.fromEntries(Object.keys(RECEIPT.readers).map((name) => [name, null]));
  for (const json of [{}, nulls, { sealedHeader: {}, keyCertificate: { signatures: [{}] } }]) {
    expect(fieldsOf(read(json))).toEqual(fieldsOf(readStrictJson(ReceiptSchema, encode(json))));
  }
});
