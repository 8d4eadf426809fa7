/**
 * One encrypted key file: JSON with everything in clear that is needed to open it but the passphrase. The key of the
 * cipher comes from the passphrase by scrypt (RFC 7914), the cipher is AES-256-GCM (NIST SP 800-38D) with a random
 * nonce. All that stands in clear is authenticated with the secret, so that no file can pass for another (A9).
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type Bytes, fromHex, toHex, utf8 } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import {
  isRecord,
  type Json,
  JsonProblem,
  type JsonRecord,
  readJson,
  readWholeNumber,
} from "../primitives/json.ts";
import { TAGS } from "../primitives/tags.ts";
import { StorageError } from "./errors.ts";

export const KEY_FILE_VERSION = 1;
export const KEY_KINDS = [
  "identity",
  "custody",
  "signingShare",
  "ceremonySecret",
  "wallet",
] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

const NONCE_LENGTH = 12;
const AUTHENTICATOR_LENGTH = 16;
const CIPHER = "aes-256-gcm";

/** scrypt's cost (RFC 7914 section 2) and salt. */
export interface KeyDerivation {
  /** N, a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
  readonly salt: Bytes;
}

/** What a key file shows without the passphrase. */
export interface KeyFileHead {
  readonly kind: KeyKind;
  /** File name without its ending, bound to the content: a renamed file does not open. */
  readonly name: string;
  /** The public half, if there is one. */
  readonly publicKey?: Bytes | undefined;
  readonly derivation: KeyDerivation;
}

export interface KeyFile extends KeyFileHead {
  readonly nonce: Bytes;
  /** Ciphertext and authenticator. */
  readonly sealed: Bytes;
}

/** Encrypts `secret`; each call draws a fresh nonce. */
export function sealKeyFile(head: KeyFileHead, cipherKey: Bytes, secret: Bytes): KeyFile {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv(CIPHER, cipherKey, nonce).setAAD(associatedData(head));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return { ...head, nonce, sealed };
}

/** The secret; undefined if the key is wrong or anything in the file was changed. */
export function unsealKeyFile(file: KeyFile, cipherKey: Bytes): Bytes | undefined {
  const end = file.sealed.length - AUTHENTICATOR_LENGTH;
  const decipher = createDecipheriv(CIPHER, cipherKey, file.nonce)
    .setAAD(associatedData(file))
    .setAuthTag(file.sealed.subarray(end));
  const opened = decipher.update(file.sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    opened.fill(0);
    return undefined;
  }
  const secret = Uint8Array.from(opened);
  opened.fill(0);
  return secret;
}

export function formatKeyFile(file: KeyFile): Bytes {
  const { derivation } = file;
  const fields = {
    countersign: "key file",
    version: KEY_FILE_VERSION,
    kind: file.kind,
    name: file.name,
    ...(file.publicKey && { publicKey: toHex(file.publicKey) }),
    scrypt: {
      cost: derivation.cost,
      blockSize: derivation.blockSize,
      parallelization: derivation.parallelization,
      salt: toHex(derivation.salt),
    },
    cipher: CIPHER,
    nonce: toHex(file.nonce),
    sealed: toHex(file.sealed),
  };
  return utf8(`${JSON.stringify(fields, undefined, 2)}\n`);
}

/** Reads the content of the file at `path`, whose name must be the one inside. */
export function parseKeyFile(content: Bytes, place: { path: string; name: string }): KeyFile {
  const malformed = (what: string) =>
    new StorageError("malformed", `${place.path} is not a key file: ${what}; restore it`);
  const fields = parseObject(new TextDecoder().decode(content));
  if (fields?.["countersign"] !== "key file") throw malformed("its first field is missing");
  if (readWholeNumber(fields["version"]) !== KEY_FILE_VERSION) {
    throw malformed(`its version is not ${KEY_FILE_VERSION}`);
  }
  if (fields["cipher"] !== CIPHER) throw malformed("unknown cipher");
  if (fields["name"] !== place.name) {
    throw malformed("it was renamed or copied from another one");
  }
  const kind = KEY_KINDS.find((known) => known === fields["kind"]);
  const derivation = parseDerivation(fields["scrypt"]);
  const publicKey = fields["publicKey"] === undefined ? undefined : bytesOf(fields["publicKey"]);
  const nonce = bytesOf(fields["nonce"]);
  const sealed = bytesOf(fields["sealed"]);
  if (kind === undefined) throw malformed("unknown kind of key");
  if (derivation === undefined) throw malformed("parameters of scrypt out of bounds");
  if (fields["publicKey"] !== undefined && publicKey === undefined) throw malformed("public key");
  if (nonce?.length !== NONCE_LENGTH) throw malformed("nonce");
  if (sealed === undefined || sealed.length < AUTHENTICATOR_LENGTH) throw malformed("content");
  return { kind, name: place.name, publicKey, derivation, nonce, sealed };
}

/** Bounds keep a tampered file from taking all memory: at most 1 GiB. */
function parseDerivation(value: Json | undefined): KeyDerivation | undefined {
  if (!isRecord(value)) return undefined;
  const cost = wholeBetween(value["cost"], 2, 2 ** 20);
  const blockSize = wholeBetween(value["blockSize"], 1, 8);
  const parallelization = wholeBetween(value["parallelization"], 1, 16);
  const salt = bytesOf(value["salt"]);
  if (cost === undefined || (cost & (cost - 1)) !== 0) return undefined;
  if (blockSize === undefined || parallelization === undefined) return undefined;
  if (salt === undefined || salt.length < 16 || salt.length > 64) return undefined;
  return { cost, blockSize, parallelization, salt };
}

function associatedData(head: KeyFileHead): Bytes {
  const { derivation } = head;
  return new Encoder()
    .tag(TAGS.keyFile)
    .u16(KEY_FILE_VERSION)
    .string(head.kind)
    .string(head.name)
    .optional(head.publicKey, (key, encoder) => encoder.bytes(key))
    .u32(derivation.cost)
    .u32(derivation.blockSize)
    .u32(derivation.parallelization)
    .bytes(derivation.salt)
    .finish();
}

function parseObject(text: string): JsonRecord | undefined {
  const value = readJson(text);
  return !(value instanceof JsonProblem) && isRecord(value) ? value : undefined;
}

function wholeBetween(value: Json | undefined, low: number, high: number): number | undefined {
  const number = readWholeNumber(value);
  return number !== undefined && number >= low && number <= high ? number : undefined;
}

function bytesOf(value: Json | undefined): Bytes | undefined {
  return typeof value === "string" ? fromHex(value) : undefined;
}
