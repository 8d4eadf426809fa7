/**
 * One encrypted key file: JSON with everything in clear that opens it, except the passphrase. scrypt (RFC 7914)
 * derives the cipher key from the passphrase; the cipher is AES-256-GCM (NIST SP 800-38D) with a random nonce. The
 * clear fields are authenticated with the secret, so that no file can pass for another (A9).
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type Bytes, toHex, utf8 } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";
import { LIMITS } from "../primitives/limits.ts";
import { TAGS } from "../primitives/tags.ts";
import { StorageError } from "./storage-errors.ts";

export const KEY_FILE_VERSION = 1;
export const KEY_KINDS = [
  "identity",
  "custody",
  "signingShare",
  "ceremonySecret",
  "wallet",
  "webhookSecret",
] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

const NONCE_LENGTH = 12;
const AUTHENTICATOR_LENGTH = 16;
const CIPHER = "aes-256-gcm";
const FIELDS = [
  "countersign",
  "version",
  "kind",
  "name",
  "scrypt",
  "cipher",
  "nonce",
  "sealed",
] as const;
const RESTORE = "restore the file";

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

/** The part of a key file that is readable without the passphrase. */
export interface KeyFileHead {
  readonly kind: KeyKind;
  /** File name without its suffix, bound to the content: a renamed file does not open. */
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

/** The secret; undefined if the key is wrong or the file was changed. */
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

/** Reads the key file at `path`, whose name must match the name in it. */
export function parseKeyFile(content: Bytes, place: { path: string; name: string }): KeyFile {
  const read = readFields(new TextDecoder().decode(content), (root) => readKeyFile(root, place));
  if (!(read instanceof JsonProblem)) return read;
  const { field, message } = read;
  const what = field === "" ? `it ${message}` : `"${field}" ${message}`;
  throw new StorageError("malformed", `${place.path} is not a key file: ${what}; restore it`);
}

function readKeyFile(root: JsonField, { name }: { readonly name: string }): KeyFile {
  const fields = root.record(FIELDS, ["publicKey"]);
  fields.countersign.oneOf(["key file"]);
  fields.version.integer({ min: KEY_FILE_VERSION, max: KEY_FILE_VERSION });
  fields.cipher.oneOf([CIPHER]);
  if (fields.name.string() !== name) {
    fields.name.fail("is another one: the file was renamed or copied", RESTORE);
  }
  const sealed = fields.sealed.hex();
  if (sealed === undefined || sealed.length < AUTHENTICATOR_LENGTH) {
    return fields.sealed.fail("does not have its form", RESTORE);
  }
  return {
    kind: fields.kind.oneOf(KEY_KINDS),
    name,
    publicKey:
      fields.publicKey && (fields.publicKey.hex() ?? fields.publicKey.fail("is no key", RESTORE)),
    derivation: readDerivation(fields.scrypt),
    nonce: fields.nonce.bytes(NONCE_LENGTH),
    sealed,
  };
}

/** A tampered file takes 1 GiB of memory at most. */
function readDerivation(field: JsonField): KeyDerivation {
  const fields = field.record(["cost", "blockSize", "parallelization", "salt"]);
  const cost = fields.cost.integer({ min: 2, max: LIMITS.scrypt.costMax });
  if ((cost & (cost - 1)) !== 0) fields.cost.fail("is no power of two", RESTORE);
  const salt = fields.salt.hex();
  if (salt === undefined || salt.length < 16 || salt.length > 64) {
    return fields.salt.fail("does not have its form", RESTORE);
  }
  return {
    cost,
    blockSize: fields.blockSize.integer({ min: 1, max: LIMITS.scrypt.blockSizeMax }),
    parallelization: fields.parallelization.integer({
      min: 1,
      max: LIMITS.scrypt.parallelizationMax,
    }),
    salt,
  };
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
