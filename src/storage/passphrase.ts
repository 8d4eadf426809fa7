/** The passphrase that protects a node's keys at rest, from a file of mode 0600. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type Bytes, toHex, utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { writeFileDurably } from "./atomic-file.ts";
import { readPrivateFile } from "./private-file.ts";
import { StorageError } from "./storage-errors.ts";

/** The bytes of the first line of `path`. A path that leads nowhere is not shown: it may be the passphrase itself. */
export async function loadPassphrase(path: string): Promise<Bytes> {
  if (!existsSync(path)) {
    throw new StorageError(
      "missing",
      "the passphrase's file is not there; put it back, or name the file that holds the passphrase",
    );
  }
  const content = await readPrivateFile(path);
  const newline = content.indexOf(0x0a);
  const end = newline === -1 ? content.length : newline;
  const line = content.slice(0, content[end - 1] === 0x0d ? end - 1 : end);
  if (line.length === 0 || line.length > LIMITS.passphraseBytesMax) {
    throw new StorageError(
      "malformed",
      `${path} must hold a passphrase of 1 to ${LIMITS.passphraseBytesMax} bytes in its first line`,
    );
  }
  return line;
}

/** Writes a random passphrase of 256 bits, for development networks. */
export async function createPassphraseFile(path: string): Promise<void> {
  await writeFileDurably(path, utf8(`${toHex(randomBytes(32))}\n`));
}
