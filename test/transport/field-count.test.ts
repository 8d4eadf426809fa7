/**
 * Goal: the fields of a message are counted as they are decoded, no matter where its bytes are cut, and bytes that a
 * decoder may read differently are refused. Method: encoded messages of the peer service, and bytes made by hand; the
 * expected value is the number of tags written.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import {
  FetchBlocksResponseSchema,
  LinkRequestSchema,
  VerificationRequestSchema,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import { FieldCount } from "../../src/transport/field-count.ts";

const seal = { target: { epoch: 1n, height: 2n ** 60n }, seal: new Uint8Array(64) };

const MESSAGES = [
  {
    name: "a link's message",
    schema: LinkRequestSchema,
    bytes: toBinary(
      LinkRequestSchema,
      create(LinkRequestSchema, {
        operations: [new Uint8Array(300), new Uint8Array()],
        consensusMessages: [new Uint8Array(1)],
        seals: [seal, {}, { target: {} }, seal],
      }),
    ),
    // Seals of 5, 1, 2 and 5 fields: two, one, and four of them.
    fields: 2 + 1 + 13,
  },
  {
    name: "blocks",
    schema: FetchBlocksResponseSchema,
    bytes: toBinary(
      FetchBlocksResponseSchema,
      create(FetchBlocksResponseSchema, {
        blocks: [
          { header: new Uint8Array(200), operations: [new Uint8Array(2), new Uint8Array(130)] },
          {},
        ],
        finalHeight: 2n ** 64n - 1n,
      }),
    ),
    fields: 1 + 3 + 1 + 1,
  },
  {
    name: "a request for a share",
    schema: VerificationRequestSchema,
    bytes: toBinary(
      VerificationRequestSchema,
      create(VerificationRequestSchema, { signature: new Uint8Array(64) }),
    ),
    fields: 1,
  },
  {
    name: "fields that are not known, of every wire type",
    schema: LinkRequestSchema,
    bytes: new BinaryWriter()
      .tag(1000, WireType.Varint)
      .int64(-1n)
      .tag(1001, WireType.Bit64)
      .fixed64(8n)
      .tag(1002, WireType.Bit32)
      .fixed32(8)
      .tag(2 ** 29 - 1, WireType.LengthDelimited)
      .bytes(new Uint8Array([10, 0, 10, 0]))
      .finish(),
    fields: 4,
  },
];

/** The verdict on a message that is cut into pieces of `size`, with room for `max` fields. */
function verdictOn(
  schema: (typeof MESSAGES)[number]["schema"],
  bytes: Uint8Array,
  size: number,
  max: number,
) {
  const count = new FieldCount(schema, max);
  for (let at = 0; at < bytes.length; at += size) {
    const refusal = count.take(bytes.subarray(at, at + size));
    if (refusal !== undefined) return refusal.reason;
  }
  return "taken";
}

describe.each(MESSAGES)("the fields of $name", ({ schema, bytes, fields }) => {
  it("are counted in all depths, however the bytes are cut", () => {
    for (let size = 1; size <= bytes.length; size++) {
      expect(verdictOn(schema, bytes, size, fields)).toBe("taken");
      expect(verdictOn(schema, bytes, size, fields - 1)).toBe("LIMIT");
    }
  });
});

describe("what is refused", () => {
  it.each([
    ["a tag of more than 32 bits", [0x8a, 0x80, 0x80, 0x80, 0x10]],
    ["a tag of six bytes", [0x8a, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ["a length that a decoder would cut to 32 bits", [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ["a value of eleven bytes", [0x08, ...Array.from({ length: 10 }, () => 0x80), 0x00]],
    ["a group", [0x0b, 0x0c]],
    ["a message that is longer than the one around it", [0x1a, 0x02, 0x0a, 0x05]],
    ["a field that is longer than the message around it", [0x1a, 0x02, 0x12, 0x05]],
    ["a fixed value that is longer than the message around it", [0x1a, 0x01, 0x09]],
  ])("%s", (_, bytes) => {
    for (const size of [1, bytes.length]) {
      expect(verdictOn(LinkRequestSchema, new Uint8Array(bytes), size, 100)).toBe("MALFORMED");
    }
  });
});
