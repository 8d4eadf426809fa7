/**
 * The keys of a node for a backup: its key files, encrypted once more, to recipients of age (https://age-encryption.org/v1).
 * Secrets of a ceremony that runs are left out: a node destroys them once it has its share (K7).
 */
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";
import { LIMITS } from "../primitives/limits.ts";
import { parseKeyFile } from "./key-file.ts";
import type { KeyFileCopy } from "./key-ring.ts";
import { StorageError } from "./storage-errors.ts";

const KIND = "keys of a node";
const VERSION = 1;
/** Two keys, a share, and a secret for each webhook endpoint and sink, with room for more. */
const FILES_MAX = 256;

/** The recipients or the identity are none of age's; the message is a clause about them, without their text. */
export class AgeProblem extends Error {
  override readonly name = "AgeProblem";
}

/** The key files that a restored node can use. */
export function keysToKeep(copies: readonly KeyFileCopy[]): KeyFileCopy[] {
  return copies.filter((copy) => keyKindOf(copy) !== "ceremonySecret");
}

/** True if a share of the group key is among them. */
export function holdsShare(copies: readonly KeyFileCopy[]): boolean {
  return copies.some((copy) => keyKindOf(copy) === "signingShare");
}

function keyKindOf({ name, content }: KeyFileCopy) {
  return parseKeyFile(content, { path: `the key ${name}`, name }).kind;
}

/** Throws AgeProblem if a recipient is none: said before the work of a backup, and not behind it. */
export async function checkRecipients(recipients: readonly string[]): Promise<void> {
  await encrypterTo(recipients);
}

/** Throws AgeProblem if a recipient is none. */
export async function encryptKeys(
  copies: readonly KeyFileCopy[],
  recipients: readonly string[],
): Promise<Bytes> {
  return await (await encrypterTo(recipients)).encrypt(formatKeys(copies));
}

async function encrypterTo(recipients: readonly string[]) {
  const encrypter = new (await loadAge()).Encrypter();
  for (const [index, recipient] of recipients.entries()) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new AgeProblem(`number ${index + 1} is no recipient of age (age1…)`);
    }
  }
  return encrypter;
}

/** Throws AgeProblem if the identity is none, or not one of the recipients; StorageError if the content is damaged. */
export async function decryptKeys(content: Bytes, identities: readonly string[]) {
  const decrypter = new (await loadAge()).Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw new AgeProblem("holds no identity of age (AGE-SECRET-KEY-1…)");
    }
  }
  let text: string;
  try {
    text = await decrypter.decrypt(content, "text");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AgeProblem(`does not open the keys of this backup (${why})`);
  }
  return readKeys(text);
}

/** Loaded by the commands that use it. */
async function loadAge() {
  return await import("age-encryption");
}

function formatKeys(copies: readonly KeyFileCopy[]): Bytes {
  const files = copies.map(({ name, content }) => ({
    name,
    text: Buffer.from(content).toString("utf8"),
  }));
  return utf8(JSON.stringify({ countersign: KIND, version: VERSION, files }));
}

function readKeys(text: string): KeyFileCopy[] {
  const read = readFields(text, (root) => {
    const fields = root.record(["countersign", "version", "files"]);
    fields.countersign.oneOf([KIND]);
    fields.version.integer({ min: VERSION, max: VERSION });
    return fields.files.list({ min: 1, max: FILES_MAX }).map(readCopy);
  });
  if (!(read instanceof JsonProblem)) return read;
  throw new StorageError(
    "malformed",
    `the keys of the backup cannot be read: "${read.field}" ${read.message}; use another backup`,
  );
}

function readCopy(field: JsonField): KeyFileCopy {
  const { name, text } = field.record(["name", "text"]);
  const read = name.matching({ pattern: /^[a-z0-9][a-z0-9-]{0,99}$/, form: "the name of a key" });
  const content = utf8(text.string() ?? text.fail("is no text", "use another backup"));
  if (content.length > LIMITS.files.smallBytesMax) {
    text.fail("is longer than a key file", "use another backup");
  }
  parseKeyFile(content, { path: `the key ${read}`, name: read });
  return { name: read, content };
}
