// Key sets as authorization servers publish them, and as hostile or careless ones could.
import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { KEYS_MAX, readKeySet } from "../../../src/node/access/key-set.ts";

const jwk = (kind: "rsa" | "ec" | "ed25519" | "x25519", options: object = {}) => {
  const generate = generateKeyPairSync as (kind: string, options: object) => KeyPair;
  return generate(kind, options).publicKey.export({ format: "jwk" });
};
interface KeyPair {
  readonly publicKey: { export(options: { readonly format: "jwk" }): object };
  readonly privateKey: { export(options: { readonly format: "jwk" }): object };
}

const p256 = jwk("ec", { namedCurve: "P-256" });
const read = (...keys: unknown[]) => readKeySet(JSON.stringify({ keys }));
/** The numbers of keys that are used and left out, or what is wrong. */
const counts = (...keys: unknown[]) => {
  const set = read(...keys);
  return typeof set === "string" ? set : [set.usable, set.leftOut];
};

describe("T14: of a key set", () => {
  it("the keys that check signatures are used, and the others left out", () => {
    expect(
      counts(
        { ...p256, kid: "a", use: "sig" },
        jwk("ec", { namedCurve: "P-521" }),
        jwk("ed25519"),
        jwk("rsa", { modulusLength: 2_048 }),
      ),
    ).toEqual([4, 0]);
    const others = [
      { ...p256, use: "enc" },
      { ...p256, kid: 7 },
      jwk("x25519"),
      jwk("ec", { namedCurve: "secp256k1" }),
      jwk("rsa", { modulusLength: 1_024 }),
      { ...p256, y: Buffer.alloc(32, 1).toString("base64url") },
      { kty: "RSA", n: "AQAB", e: "AQAB" },
      { kty: "NEW" },
      {},
      null,
      "key",
    ];
    for (const other of others) expect(counts(p256, other)).toEqual([1, 1]);
  });

  it("RSA keys have 2048 to 4096 bits and an exponent of at most 32", () => {
    const strong = jwk("rsa", { modulusLength: 2_048 });
    const large = { ...strong, n: Buffer.alloc(640, 0xab).toString("base64url") };
    expect(counts(strong, large)).toEqual([1, 1]);
    const slow = { ...strong, e: Buffer.alloc(32, 0xab).toString("base64url") };
    expect(counts(strong, slow)).toEqual([1, 1]);
  });
});

describe("T14: a key set is refused", () => {
  const pair = (generateKeyPairSync as (kind: string, options: object) => KeyPair)("ec", {
    namedCurve: "P-256",
  });
  const secret = createSecretKey(Buffer.alloc(32, 1)).export({ format: "jwk" });

  it.each<[string, string, RegExp]>([
    [
      "with a private key",
      JSON.stringify({ keys: [pair.privateKey.export({ format: "jwk" })] }),
      /secret key/,
    ],
    ["with a symmetric key", JSON.stringify({ keys: [p256, secret] }), /secret key/],
    ["without a key", '{"keys":[]}', /has no key/],
    ["without a usable key", JSON.stringify({ keys: [jwk("x25519")] }), /has no key/],
    ["that is a key", JSON.stringify(p256), /no JSON object with keys/],
    ["that is a list", JSON.stringify([p256]), /no JSON object with keys/],
    ["that is a page", "<html>", /is not JSON/],
    ["that is empty", "", /is not JSON/],
    ["that gives a name twice", '{"keys":[],"keys":[]}', /keys is given twice/],
    [
      "with too many keys",
      JSON.stringify({ keys: new Array(KEYS_MAX + 1).fill(p256) }),
      /has 65 keys, more than 64/,
    ],
  ])("%s", (_, text, problem) => {
    expect(readKeySet(text)).toMatch(problem);
  });
});
