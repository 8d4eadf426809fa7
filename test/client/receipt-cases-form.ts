/** Texts that two readers may understand differently, and receipts that lack a part. */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { type Bytes, concatBytes, utf8 } from "../../src/primitives/bytes.ts";
import { base64, certificateJson, jsonOf, put, signers } from "./receipt-forge.ts";
import { certify, chainOf, finalized, sealed } from "./workshop.ts";

/** The failing check, the defect, and the receipt; "only": without this check the receipt would be accepted. */
export type Broken = readonly [string, string, JsonObject | string | Bytes, "only"?];

const json = jsonOf(sealed(chainOf(2)));
const pending = jsonOf(finalized(chainOf(2)));
const text = JSON.stringify(json);
const set = (path: string, value: JsonValue) => put(json, path, value);
const sealedHeader = json["sealedHeader"] as JsonObject;
const height = String((sealedHeader["header"] as JsonObject)["height"]);
const written = (value: string, other: string): string => {
  if (!text.includes(value)) throw new Error(`the text has no ${value}`);
  return text.replace(value, other);
};
/** Sets the spare bits of the last digit: a careless reader gets the same bytes. */
const loose = (value: string): string => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const at = value.indexOf("=") - 1;
  return (
    value.slice(0, at) + digits.charAt(digits.indexOf(value.charAt(at)) + 1) + value.slice(at + 1)
  );
};
const seal = String(sealedHeader["seal"]);

export const FORM_CASES: readonly Broken[] = [
  ["1.1", "of more bytes than any has", text + " ".repeat(256 * 1024)],
  ["1.1", "that is not UTF-8", concatBytes(utf8(text), Uint8Array.of(0xff))],
  ["1.2", "with a byte order mark", `\ufeff${text}`],
  ["1.2", "with something behind it", `${text}{}`],
  ["1.2", "that ends too early", text.slice(0, -1)],
  ["1.2", "with a comma too many", written("}}", "},}")],
  ["1.2", "with a field twice, the last one right", text.replace("{", '{"index":1,'), "only"],
  ["1.2", "with a field twice by two names", text.replace("{", '{"seal_pending":false,'), "only"],
  [
    "1.2",
    "with a field twice by two names, once as null",
    text.replace("{", '{"seal_pending":null,'),
    "only",
  ],
  ["1.2", "nested deeper than any is", "[".repeat(65) + text + "]".repeat(65)],
  ["1.3", "with an escape in upper-case digits", written('"seal"', '"sea\\u006C"'), "only"],
  ["1.3", "with a tab that ends a line", `${text}\t\n`, "only"],
  ["1.3", "with a carriage return that ends none", `${text}\r`, "only"],
  ["1.4", "with a field that is not known", set("memo", "paid twice")],
  ["1.4", "with such a field inside", set("keyCertificate.memo", 1)],
  ["1.4", "that is a list", `[${text}]`],
  ["1.4", "whose sealed header is a text", set("sealedHeader", "AAAA")],
  ["1.5", "at a negative index", set("index", -1)],
  ["1.5", "with minus nothing as a number", written('"threshold":3', '"threshold":-0')],
  ["1.5", "with a fraction", written('"threshold":3', '"threshold":3.0')],
  ["1.5", "with an exponent", written('"threshold":3', '"threshold":3e0')],
  ["1.5", "with a leading zero in a text", written('"threshold":3', '"threshold":"03"')],
  ["1.5", "at an index above 32 bits", set("index", 2 ** 32)],
  ["1.5", "with a bare number that readers round", written(`"${height}"`, "9007199254740993")],
  ["1.5", "with a number above 64 bits", set("sealedHeader.header.time", "18446744073709551616")],
  ["1.5", "that says by a number whether the seal is pending", set("sealPending", 0)],
  ["1.5", "that says by a text whether the seal is pending", set("sealPending", "false")],
  ["1.5", "whose path is no list", set("path", {})],
  ["1.5", "with null in its path", set("path", [null])],
  [
    "1.5",
    "whose key two members vouch for, one of them counted from behind as well",
    countedFromBehind(),
  ],
  ["1.6", "with base64 whose spare bits are set", written(seal, loose(seal)), "only"],
  ["1.6", "with base64 without padding", written(seal, seal.replaceAll("=", ""))],
  ["1.6", "with a space in base64", written(seal, `${seal.slice(0, 4)} ${seal.slice(4)}`)],
  ["1.6", "with the alphabet of URLs", set("leaf", "_-8=")],
  ["1.6", "with a number for bytes", set("leaf", 0)],
  ["1.7", "without a leaf", set("leaf", "")],
  ["1.7", "with an empty header", set("headers", [""])],
  ["1.7", "with a sibling of 31 bytes", set("path", [base64(new Uint8Array(31))])],
  ["1.7", "with a seal of 63 bytes", set("sealedHeader.seal", base64(new Uint8Array(63)))],
  ["1.7", "with a longer header than any", set("headers", [base64(new Uint8Array(1025))])],
  ["1.7", "with a longer leaf than any", set("leaf", base64(new Uint8Array(131_073)))],
  ["1.8", "with neither a seal nor a finalization", put(pending, "finalization", null)],
  ["1.8", "with a seal that is said to be pending", set("sealPending", true)],
  ["1.8", "with votes that are not said to stand for a seal", put(pending, "sealPending", false)],
  ["1.8", "with votes beside a seal", set("finalization", String(pending["finalization"])), "only"],
  ["1.8", "with a seal but no key", put(json, "keyCertificate", undefined)],
  ["1.8", "with a key but no seal", put(json, "sealedHeader", undefined)],
  [
    "1.8",
    "with a key beside votes",
    put(pending, "keyCertificate", json["keyCertificate"]),
    "only",
  ],
  ["1.8", "without the view of the sealed header", put(json, "sealedHeader.header", undefined)],
];

/** Presents two members' signatures as three: in some languages, place -1 of a list is its last item. */
function countedFromBehind(): JsonObject {
  const twoSigned = jsonOf(sealed(chainOf(2), certify({}, signers(2, 3))));
  const { signatures } = certificateJson(certify({}, signers(2, 3)));
  const again = { signer: -1, signature: signatures[1]?.signature ?? "" };
  return put(twoSigned, "keyCertificate.signatures", [again, ...signatures]);
}
