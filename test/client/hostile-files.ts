/** Files that no honest program writes, to be refused by their form without a crash, and without much time or memory. */
import { proofToJson } from "../../src/client/proof-file.ts";
import { type Bytes, concatBytes, utf8 } from "../../src/primitives/bytes.ts";
import { accepted } from "./proof-cases.ts";

const wallet = accepted("a wallet").bytes;
/** It ends with its count of entries, which is 0. */
const statement = accepted("a statement behind all entries").bytes;
const line = proofToJson(wallet);
const tagOf = (name: string): Bytes => concatBytes(Uint8Array.of(name.length), utf8(name));
const U32_MAX = new Uint8Array(4).fill(0xff);

/** Large ones are built when they are judged. */
export const HOSTILE_FILES: readonly { readonly name: string; readonly file: Bytes }[] = [
  { name: "no bytes", file: new Uint8Array() },
  { name: "a zero", file: Uint8Array.of(0) },
  { name: "many zeros", file: new Uint8Array(1 << 20) },
  { name: "many braces", file: utf8("{".repeat(1 << 20)) },
  { name: "a million nested lists", file: utf8("[".repeat(1 << 20)) },
  { name: "many nested objects", file: utf8('{"a":'.repeat(40_000)) },
  {
    name: "nested proofs",
    file: utf8('{"format":"countersign/v1/wallet-proof","proof":'.repeat(99)),
  },
  { name: "a brace", file: utf8("{") },
  { name: "a line feed", file: utf8("\n") },
  { name: "a name twice", file: utf8(line.replace('"proof"', '"format":"","proof"')) },
  { name: "a proof twice", file: utf8(line.replace("}", `,"proof":""}`)) },
  {
    name: "a proof that is a number",
    file: utf8(line.replace(/"proof":".*"/, `"proof":1e999999`)),
  },
  {
    name: "a proof of many digits",
    file: utf8(line.replace(/"proof":".*"/, `"proof":${"9".repeat(1 << 20)}`)),
  },
  { name: "a proof that is null", file: utf8(line.replace(/"proof":".*"/, '"proof":null')) },
  { name: "a proof that is a list", file: utf8(line.replace(/"proof":".*"/, '"proof":[]')) },
  { name: "a format that is no text", file: utf8(line.replace(/"format":".*?"/, '"format":1')) },
  { name: "two lines", file: utf8(line + line) },
  { name: "a carriage return", file: utf8(line.replace("\n", "\r\n")) },
  { name: "a line feed in base64", file: utf8(line.replace('"proof":"', '"proof":"\n')) },
  { name: "escapes", file: utf8(line.replace('"format"', '"\\u0066ormat"')) },
  { name: "not UTF-8", file: concatBytes(utf8('{"format":"'), Uint8Array.of(0xff), utf8('"}')) },
  { name: "half a character", file: utf8('{"format":"\\ud800"}') },
  { name: "a tag and nothing else", file: wallet.slice(0, 28) },
  { name: "a tag that lies about its length", file: wallet.with(0, 255) },
  { name: "a tag of another version", file: tagOf("countersign/v2/wallet-proof") },
  { name: "a count of 2^32 - 1 headers", file: concatBytes(wallet.slice(0, 28 + 16 + 1), U32_MAX) },
  {
    name: "a leaf of 2^32 - 1 bytes",
    file: concatBytes(tagOf("countersign/v1/receipt"), U32_MAX, new Uint8Array(64)),
  },
  { name: "a statement with 2^32 - 1 entries", file: concatBytes(statement.slice(0, -4), U32_MAX) },
  {
    name: "a statement with zeros behind it",
    file: concatBytes(statement, new Uint8Array(1 << 20)),
  },
  {
    name: "base64 of zeros",
    file: utf8(line.replace(/"proof":".*"/, `"proof":"${"A".repeat(1 << 20)}"`)),
  },
];
