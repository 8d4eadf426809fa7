/** L3: every node has the same verifier, and accepts no key about which two verifiers could differ. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import { isValidPoint, signingKeyOf, verify } from "../../../src/node/base/crypto.ts";
import { type Bytes, utf8 } from "../../../src/primitives/bytes.ts";
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

/** R is the neutral element and S zero: the equation of the neutral key holds for every message. */
function forgedUnderNeutral(): Bytes {
  return Uint8Array.from([...neutral, ...new Uint8Array(32)]);
}
