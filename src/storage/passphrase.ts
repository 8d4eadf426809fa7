/** The passphrase that protects keys at rest, from any of its sources (passphrase-source.ts). */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { type Bytes, toHex, utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { writeFileDurably } from "./atomic-file.ts";
import { isPassphraseFile, readSource } from "./passphrase-source.ts";
import { StorageError } from "./storage-errors.ts";

/**
 * The bytes of the first line of `source`. A path that leads nowhere is not shown: it may be the passphrase itself. `isNew`: it
 * will protect keys from now on, so a person types it twice.
 */
export async function loadPassphrase(
  source: string,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<Bytes> {
  if (isPassphraseFile(source) && !existsSync(source)) {
    throw new StorageError(
      "missing",
      "the passphrase's file is not there; put it back, or name the file that holds the passphrase",
    );
  }
  const content = await readSource(source, isNew);
  const newline = content.indexOf(0x0a);
  const end = newline === -1 ? content.length : newline;
  const line = content.slice(0, content[end - 1] === 0x0d ? end - 1 : end);
  if (line.length === 0 || line.length > LIMITS.passphraseBytesMax) {
    throw new StorageError(
      "malformed",
      `${source} must hold a passphrase of 1 to ${LIMITS.passphraseBytesMax} bytes in its first line`,
    );
  }
  return line;
}

/** Writes a random passphrase of 256 bits, for development networks. */
export async function createPassphraseFile(path: string): Promise<void> {
  await writeFileDurably(path, utf8(`${toHex(randomBytes(32))}\n`));
}
