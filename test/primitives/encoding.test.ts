import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import {
  type Decoder,
  decodeStrict,
  Encoder,
  EncodingError,
} from "../../src/primitives/encoding.ts";
import { TAGS } from "../../src/primitives/tags.ts";

interface Sample {
  small: number;
  wide: bigint;
  text: string;
  data: Uint8Array;
  maybe: number | undefined;
  items: boolean[];
}

function encode(sample: Sample): Uint8Array {
  return new Encoder()
    .tag(TAGS.header)
    .u16(sample.small)
    .u64(sample.wide)
    .string(sample.text)
    .bytes(sample.data)
    .optional(sample.maybe, (value, encoder) => encoder.u32(value))
    .list(sample.items, (item, encoder) => encoder.boolean(item))
    .finish();
}

function read(decoder: Decoder): Sample {
  decoder.tag(TAGS.header);
  return {
    small: decoder.u16(),
    wide: decoder.u64(),
    text: decoder.string(1000),
    data: decoder.bytes(1000),
    maybe: decoder.optional((inner) => inner.u32()),
    items: decoder.list(100, (inner) => inner.boolean()),
  };
}

const samples = fc.record({
  small: fc.integer({ min: 0, max: 0xffff }),
  wide: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  text: fc.string({ unit: "grapheme", maxLength: 50 }),
  data: fc.uint8Array({ maxLength: 300 }),
  maybe: fc.option(fc.integer({ min: 0, max: 0xffffffff }), { nil: undefined }),
  items: fc.array(fc.boolean(), { maxLength: 20 }),
});

describe("canonical encoding", () => {
  it("reads back exactly what was written", () => {
    fc.assert(
      fc.property(samples, (sample) => {
        expect(decodeStrict(encode(sample), read)).toEqual(sample);
      }),
    );
  });

  it("gives one value one byte string: bytes that decode are encoded to the same bytes", () => {
    fc.assert(
      fc.property(samples, fc.nat(), fc.nat(255), (sample, place, byte) => {
        const bytes = encode(sample);
        bytes[place % bytes.length] = byte;
        const decoded = decodeStrict(bytes, read);
        if (!(decoded instanceof EncodingError)) expect(encode(decoded)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses every truncation and every extension", () => {
    fc.assert(
      fc.property(samples, fc.uint8Array({ minLength: 1, maxLength: 5 }), (sample, more) => {
        const bytes = encode(sample);
        for (let length = 0; length < bytes.length; length++) {
          expect(decodeStrict(bytes.slice(0, length), read)).toBeInstanceOf(EncodingError);
        }
        const longer = new Uint8Array([...bytes, ...more]);
        expect(decodeStrict(longer, read)).toBeInstanceOf(EncodingError);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["a flag of 2", [2], (d: Decoder) => d.boolean(), "malformed"],
    ["a presence byte of 255", [255, 1], (d: Decoder) => d.optional((i) => i.u8()), "malformed"],
    ["text that is not UTF-8", [0, 0, 0, 1, 0xff], (d: Decoder) => d.string(9), "malformed"],
    ["overlong UTF-8", [0, 0, 0, 2, 0xc0, 0x80], (d: Decoder) => d.string(9), "malformed"],
    ["a length above the limit", [0, 0, 1, 0], (d: Decoder) => d.bytes(255), "limit"],
    ["a count above the limit", [255, 255, 255, 255], (d: Decoder) => d.list(9, () => 0), "limit"],
    ["2^53 as a counter", [0, 32, 0, 0, 0, 0, 0, 0], (d: Decoder) => d.safeU64(), "limit"],
    ["another tag", [3, 97, 98, 99], (d: Decoder) => d.tag(TAGS.header), "malformed"],
  ])("refuses %s", (_name, bytes, readOne, code) => {
    const result = decodeStrict(new Uint8Array(bytes), readOne);
    expect(result).toBeInstanceOf(EncodingError);
    expect((result as EncodingError).code).toBe(code);
  });

  it("refuses to write what could not be read back", () => {
    expect(() => new Encoder().u8(256)).toThrow("u8 out of range");
    expect(() => new Encoder().u64(-1)).toThrow("u64 out of range");
    expect(() => new Encoder().u64(1n << 64n)).toThrow("u64 out of range");
    expect(() => new Encoder().string("\ud800")).toThrow("lone surrogate");
    expect(() => new Encoder().fixed(new Uint8Array(3), 4)).toThrow("expected 4 bytes");
  });

  it("shares nothing between encoders, written in turns, one inside the other, or long", () => {
    const [one, two] = [new Encoder().u8(1), new Encoder().u8(2)];
    const inner = new Encoder().bytes(new Uint8Array(2_000).fill(7)).finish();
    two.u16(0x0202);
    one.u16(0x0101);
    const first = one.finish();
    expect(new Encoder().fixed(new Uint8Array(64).fill(9), 64).finish()).toHaveLength(64);
    expect(first).toEqual(new Uint8Array([1, 1, 1]));
    expect(two.finish()).toEqual(new Uint8Array([2, 2, 2]));
    expect(inner).toEqual(new Uint8Array([0, 0, 7, 208, ...new Array(2_000).fill(7)]));
  });

  it("writes nothing after the end", () => {
    const encoder = new Encoder();
    encoder.finish();
    expect(() => encoder.u8(1)).toThrow("after its end");
    expect(() => encoder.finish()).toThrow("after its end");
    const lent = new Encoder();
    lent.lend(() => undefined);
    expect(() => lent.u8(1)).toThrow("after its end");
  });

  it("lends its bytes untouched by encoders in between, and only for that time", () => {
    const nines = new Uint8Array(64).fill(9);
    const kept = new Encoder().fixed(new Uint8Array(64).fill(1), 64).lend((bytes) => {
      new Encoder().fixed(nines, 64).finish();
      expect(bytes).toEqual(new Uint8Array(64).fill(1));
      return bytes;
    });
    new Encoder().fixed(nines, 64).finish();
    // Kept against the contract: this is what it guards from.
    expect(kept).toEqual(nines);
  });

  it("has the digest of the bytes that it would give, however many they are", () => {
    for (const length of [0, 3, 512, 513, 70_000]) {
      const encoder = () => new Encoder().fixed(new Uint8Array(length).fill(5), length);
      expect(encoder().digest(sha256)).toEqual(sha256(encoder().finish()));
    }
  });
});
