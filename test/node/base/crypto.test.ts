/** L3: every node has the same verifier, and accepts no key about which two verifiers could differ. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 as oracle } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import {
  entropy,
  isValidPoint,
  sha256,
  signingKeyOf,
  verify,
} from "../../../src/node/base/crypto.ts";
import { type Bytes, toHex, utf8 } from "../../../src/primitives/bytes.ts";
import {
  mixedKey,
  plainKey,
  raiseS,
  signMixed,
  signWithSmallR,
} from "../../client/crafted-keys.ts";

const message = utf8("25 EUR to bob");
const signer = signingKeyOf(new Uint8Array(32).fill(7));
const good = { publicKey: signer.publicKey, message, signature: signer.sign(message) };
/** The neutral element: under this key, one signature verifies for every message. */
const neutral = Uint8Array.from([1, ...new Uint8Array(31)]);

describe("L3: the one verifier", () => {
  it("takes what a key's owner signed, and refuses it with any bit changed", () => {
    expect(verify(good)).toBe(true);
    for (let bit = 0; bit < 512; bit++) {
      const signature = good.signature.map((byte, i) =>
        i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte,
      );
      expect(verify({ ...good, signature }), `bit ${bit}`).toBe(false);
    }
    expect(verify({ ...good, message: utf8("26 EUR to bob") })).toBe(false);
  });

  it("reads key, message and signature where they lie in larger memory", () => {
    const inside = (bytes: Bytes) => {
      const memory = new Uint8Array(bytes.length + 12).fill(0xee);
      memory.set(bytes, 5);
      return memory.subarray(5, 5 + bytes.length);
    };
    const { publicKey, signature } = good;
    const check = {
      publicKey: inside(publicKey),
      message: inside(message),
      signature: inside(signature),
    };
    expect(verify(check)).toBe(true);
    expect(verify({ ...check, message: check.message.subarray(1) })).toBe(false);
    const nothing = message.subarray(0, 0);
    expect(verify({ publicKey, message: nothing, signature: signer.sign(nothing) })).toBe(true);
    expect(verify({ publicKey, message: nothing, signature })).toBe(false);
  });

  it.each([
    ["an S above the group order", { ...good, signature: raiseS(good.signature) }],
    ["a key of small order", { ...good, publicKey: neutral, signature: forgedUnderNeutral() }],
    ["a signature one byte short", { ...good, signature: good.signature.slice(1) }],
    ["a key one byte short", { ...good, publicKey: good.publicKey.slice(1) }],
  ])("refuses %s", (_, check) => {
    expect(verify(check)).toBe(false);
  });

  it("refuses a signature that another verifier takes: two of them in one network would fork it", () => {
    const check = { publicKey: plainKey, message, signature: signWithSmallR(message) };
    expect(ed25519.verify(check.signature, message, plainKey)).toBe(true);
    expect(verify(check)).toBe(false);
  });

  it("leaves the order of a key to the point check, which refuses one that is not prime", () => {
    expect(verify({ publicKey: mixedKey, message, signature: signMixed(message) })).toBe(true);
    expect(isValidPoint(mixedKey)).toBe(false);
    expect(isValidPoint(neutral)).toBe(false);
    expect(isValidPoint(signer.publicKey)).toBe(true);
    expect(isValidPoint(plainKey)).toBe(true);
  });
});

describe("SHA-256, whose digest passes through a text", () => {
  it("is that of the standard (FIPS 180-4, the examples of NIST)", () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(toHex(sha256(utf8("abc")))).toBe(abc);
    const million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    expect(toHex(sha256(new Uint8Array(1_000_000).fill(0x61)))).toBe(million);
  });

  it("is what an independent library gives, for every length up to a kilobyte, anywhere in memory", () => {
    const memory = entropy(1_100);
    for (let length = 0; length <= 1_024; length++) {
      const data = memory.subarray(length % 61, (length % 61) + length);
      const into = entropy(32);
      expect(sha256(data, into)).toBe(into);
      for (const digest of [sha256(data), into]) {
        expect(toHex(digest), `${length} bytes of ${toHex(memory)}`).toBe(toHex(oracle(data)));
      }
    }
  });
});

/** R is the neutral element and S zero: the equation of the neutral key holds for every message. */
function forgedUnderNeutral(): Bytes {
  return Uint8Array.from([...neutral, ...new Uint8Array(32)]);
}
