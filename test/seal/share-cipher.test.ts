import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Bytes, toHex, utf8 } from "../../src/primitives/bytes.ts";
import { openAttempt } from "../../src/seal/attempt.ts";
import { ephemeralKeyOf, openShare, sealShare } from "../../src/seal/share-cipher.ts";
import { contextOf, index, seededEntropy, suite } from "./fixture.ts";

const entropy = seededEntropy("share-cipher");
const attempt = openAttempt(suite, contextOf(4));
const sender = entropy(32);
const receiver = entropy(32);
const route = {
  from: index(0),
  to: index(2),
  fromKey: ephemeralKeyOf(sender),
  toKey: ephemeralKeyOf(receiver),
};
const share = entropy(32);
const ciphertext = sealShare(attempt, route, sender, share);

describe("an encrypted share", () => {
  it("is opened by its receiver", () => {
    expect(openShare(attempt, route, receiver, ciphertext)).toEqual(share);
  });

  it("is what node:crypto makes of X25519 and HKDF-SHA256", () => {
    const secret = diffieHellman({
      privateKey: createPrivateKey({
        key: Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), sender]),
        format: "der",
        type: "pkcs8",
      }),
      publicKey: createPublicKey({
        key: Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), route.toKey]),
        format: "der",
        type: "spki",
      }),
    });
    const tag = utf8("countersign/v1/ceremony-share");
    const info = Buffer.concat([
      Uint8Array.of(tag.length),
      tag,
      Uint8Array.of(0, 0, 0, 2),
      route.fromKey,
      route.toKey,
    ]);
    const stream = new Uint8Array(hkdfSync("sha256", secret, attempt.hash, info, 32));
    const expected = share.map((byte, i) => byte ^ (stream[i] ?? 0));
    expect(toHex(ciphertext)).toBe(toHex(expected));
  });

  it("K8: opens to something else in another attempt, on another route, or with another secret", () => {
    const other = openAttempt(suite, contextOf(4, { attempt: 2 }));
    const wrong: (Bytes | undefined)[] = [
      openShare(other, route, receiver, ciphertext),
      openShare(attempt, { ...route, from: index(1) }, receiver, ciphertext),
      openShare(attempt, { ...route, to: index(1) }, receiver, ciphertext),
      openShare(attempt, { ...route, fromKey: route.toKey }, receiver, ciphertext),
      openShare(attempt, route, entropy(32), ciphertext),
    ];
    for (const opened of wrong) expect(opened).not.toEqual(share);
  });

  it("is not opened if it is no ciphertext, or from a key of small order", () => {
    expect(openShare(attempt, route, receiver, ciphertext.slice(1))).toBeUndefined();
    const small = { ...route, fromKey: new Uint8Array(32) };
    expect(openShare(attempt, small, receiver, ciphertext)).toBeUndefined();
  });

  it("has another keystream each way between two members", () => {
    const back = { from: route.to, to: route.from, fromKey: route.toKey, toKey: route.fromKey };
    expect(sealShare(attempt, back, receiver, share)).not.toEqual(ciphertext);
  });
});
