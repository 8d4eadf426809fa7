// The search itself: a secret is found in each form and in part, and in nothing else.
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { SecretSearch } from "./secret-search.ts";

const bytes = Buffer.from(
  "5d0f8f3ce2f5d7b1a90e44c18b70c2f3a1664d0be79f22885c3de1f0aa93b517",
  "hex",
);
const text = Buffer.from("passphrase-kq7Vw2Zr9TfLm4XsJd8Y");
const search = new SecretSearch([
  { name: "key", bytes },
  { name: "passphrase", bytes: text },
]);

const FORMS: Readonly<Record<string, string | Buffer>> = {
  raw: Buffer.concat([randomBytes(40), bytes, randomBytes(40)]),
  "lower hex": `{"error":"${bytes.toString("hex")}"}`,
  "upper hex": bytes.toString("hex").toUpperCase(),
  "hex with colons": bytes.toString("hex").replace(/../g, "$&:"),
  "an inspected buffer": inspect(bytes),
  "an inspected array": inspect(new Uint8Array(bytes), { maxArrayLength: null }),
  "an array as JSON": JSON.stringify([...bytes]),
  base64: `x ${bytes.toString("base64")}`,
  base64url: `{"k":"${bytes.toString("base64url")}"}`,
  "base64 inside other base64": Buffer.concat([Buffer.from("ab"), bytes]).toString("base64"),
  "base64 in lines": bytes.toString("base64").replace(/.{10}/g, "$&\n"),
  "12 bytes of it, raw": bytes.subarray(9, 21),
  "14 bytes of it in base64": bytes.subarray(11, 25).toString("base64"),
  "12 bytes of it in hex": bytes.subarray(20, 32).toString("hex"),
  percent: [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
};

describe("a secret is found", () => {
  it.each(Object.entries(FORMS))("in the form: %s", (_, emitted) => {
    expect(search.namesIn(emitted)).toEqual(["key"]);
  });

  it("as a text, in part and in base64 of the text around it", () => {
    expect(search.namesIn(`the file ${text.subarray(3, 15)}… is missing`)).toEqual(["passphrase"]);
    const around = Buffer.from(`{"message":"no file ${text}"}`);
    expect(search.namesIn(around.toString("base64"))).toEqual(["passphrase"]);
  });
});

describe("nothing is found", () => {
  it("in fewer than 12 bytes, and in noise", () => {
    expect(search.namesIn(bytes.subarray(0, 11))).toEqual([]);
    expect(search.namesIn(bytes.subarray(0, 11).toString("hex"))).toEqual([]);
    expect(search.namesIn(randomBytes(1_000_000))).toEqual([]);
    expect(search.namesIn(randomBytes(100_000).toString("base64"))).toEqual([]);
  });
});
