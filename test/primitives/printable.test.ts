import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNetworkAddress } from "../../src/primitives/network-address.ts";
import { printable, printableJson } from "../../src/primitives/printable.ts";

/** Characters that steer a terminal, start a line of their own, or show text in another order than it is read. */
const STEERING = [
  ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 0x21 }, (_, code) => String.fromCharCode(0x7f + code)),
  ..."\u00a0\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\u{e0041}",
];

describe("printable text", () => {
  it("holds no character that steers a terminal, for any input", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...STEERING), fc.string())), (parts) => {
        const shown = printable(parts.join(""));
        for (const character of STEERING) expect(shown).not.toContain(character);
      }),
    );
  });

  it("leaves names and sentences of people as they are", () => {
    for (const text of ["Łódź, 25 € – „gut“", "請求書 42", "café ☕", "100 % (net)"]) {
      expect(printable(text)).toBe(text);
    }
  });

  it("shows a character that it escapes by its number", () => {
    expect(printable("a\u001b[2Jb\nc\u{e0041}")).toBe("a\\u{1b}[2Jb\\u{a}c\\u{e0041}");
  });

  it("as JSON is the same value for a program", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...STEERING), fc.string())), (parts) => {
        const json = printableJson(JSON.stringify(parts));
        expect(JSON.parse(json)).toEqual(parts);
        for (const character of STEERING) expect(json).not.toContain(character);
      }),
    );
  });
});

describe("a network address", () => {
  it.each(["127.0.0.1:7001", "node-1.example.org:443", "[::1]:7001", "localhost:65535"])(
    "is %s",
    (text) => expect(isNetworkAddress(text)).toBe(true),
  );

  it.each([
    "",
    "host",
    "host:0",
    "host:65536",
    "host:1 ",
    "host:1\n",
    "\u001b[2J:7001",
    "a\nnode9  connected  x:1",
    "ho st:1",
    "[::1:7001",
    `${"a".repeat(255)}:1`,
  ])("is not %j", (text) => expect(isNetworkAddress(text)).toBe(false));
});
