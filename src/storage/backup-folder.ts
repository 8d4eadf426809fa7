/**
 * The folder of a backup: files of records, the encrypted keys if they are in it, and the manifest. It is made under a hidden
 * name, read again and compared, and only then renamed: a folder with the final name is complete.
 */
import { lstat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { printable } from "../primitives/printable.ts";
import { type BackupContent, contentOf } from "./backup-content.ts";
import {
  type BackupFile,
  type BackupManifest,
  KEYS_FILE,
  loadManifest,
  recordsFileName,
  saveManifest,
} from "./backup-manifest.ts";
import { BackupWriter, piecesOf } from "./backup-parts.ts";
import { decodeRecords } from "./backup-records.ts";
import { makeFolderWhole } from "./draft-folder.ts";
import type { Entry } from "./key-value.ts";
import { StorageError } from "./storage-errors.ts";
import { systemRefusal } from "./system-errors.ts";

export interface NewBackup extends Omit<BackupManifest, "content" | "files"> {
  /** Where to make it: nothing may be there. */
  readonly path: string;
  /** The encoded records. */
  readonly pieces: AsyncIterable<Bytes>;
  /** Gives the encrypted keys after the last record; undefined: the backup has none. */
  readonly keys: (() => Promise<Bytes>) | undefined;
}

export interface Backup {
  readonly path: string;
  readonly manifest: BackupManifest;
}

/** Settles when the backup is on disk and was read again. Throws StorageError; nothing is left then. */
export async function createBackup(made: NewBackup): Promise<Backup> {
  const path = resolve(made.path);
  await refusePresent(path);
  const { nodeId, nodeIndex, madeAt, madeBy } = made;
  let manifest: BackupManifest | undefined;
  try {
    await makeFolderWhole(path, async (draft) => {
      const files = await writeFiles(draft, made);
      const content = await readAgain(draft, files);
      manifest = { nodeId, nodeIndex, madeAt, madeBy, content, files };
      await saveManifest(draft, manifest);
    });
  } catch (error) {
    throw systemRefusal(path, error) ?? error;
  }
  if (manifest === undefined) throw new Error("a folder was made without being filled");
  return { path, manifest };
}

async function refusePresent(path: string): Promise<void> {
  // A link that leads nowhere is something, too.
  const found = await lstat(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw systemRefusal(path, error) ?? error;
  });
  if (found === undefined) return;
  throw new StorageError(
    "exists",
    `${path} already exists; name a folder that does not exist yet, in an existing one if need be`,
  );
}

async function writeFiles(
  folder: string,
  { pieces, keys }: NewBackup,
): Promise<readonly BackupFile[]> {
  const writer = new BackupWriter(folder);
  try {
    for await (const piece of pieces) await writer.write(piece);
    await writer.endFile();
    if (keys !== undefined) await writer.writeFile(KEYS_FILE, await keys());
    return writer.files;
  } finally {
    await writer.close();
  }
}

async function readAgain(folder: string, files: readonly BackupFile[]): Promise<BackupContent> {
  await checkKeysFile(folder, files);
  return await contentOf(decodeRecords(checkedPieces(folder, files)));
}

/** Opens the backup at `path`. Throws StorageError if there is none. */
export async function openBackup(path: string): Promise<Backup> {
  const full = resolve(path);
  return { path: full, manifest: await loadManifest(full) };
}

/** Reads all of a backup. Throws StorageError that names the first file or record that is not what was written. */
export async function checkBackup({ path, manifest }: Backup): Promise<void> {
  try {
    const found = await readAgain(path, manifest.files);
    const { content } = manifest;
    const agrees =
      equalBytes(found.networkId, content.networkId) &&
      found.height === content.height &&
      found.layout === content.layout &&
      found.records === content.records &&
      sameHash(found.blockHash, content.blockHash);
    if (!agrees) throw new StorageError("malformed", "its records are not those of its manifest");
  } catch (error) {
    if (!(error instanceof StorageError) || error.code === "unavailable") throw error;
    const remedy = error.code === "newerSchema" ? "" : "; use another backup";
    const told = `the backup ${path} is damaged: ${printable(error.message)}${remedy}`;
    throw new StorageError(error.code, told, error);
  }
}

function sameHash(one: Bytes | undefined, other: Bytes | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return equalBytes(one, other);
}

/** The records of a backup, checked like those of `checkBackup`. */
export function recordsOf({ path, manifest }: Backup): AsyncIterable<Entry> {
  return decodeRecords(checkedPieces(path, manifest.files));
}

/** The encrypted keys; undefined if the backup has none. */
export async function keysOf({ path, manifest }: Backup): Promise<Bytes | undefined> {
  const file = manifest.files.find(({ name }) => name === KEYS_FILE);
  if (file === undefined) return undefined;
  const pieces: Bytes[] = [];
  for await (const piece of piecesOf(path, file)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function checkKeysFile(folder: string, files: readonly BackupFile[]): Promise<void> {
  for (const file of files) {
    if (file.name !== KEYS_FILE) continue;
    for await (const _ of piecesOf(folder, file));
  }
}

async function* checkedPieces(folder: string, files: readonly BackupFile[]): AsyncGenerator<Bytes> {
  const records = files.filter(({ name }) => name !== KEYS_FILE);
  for (const [index, file] of records.entries()) {
    if (file.name !== recordsFileName(index + 1)) {
      throw new StorageError("malformed", `${recordsFileName(index + 1)} is missing`);
    }
    yield* piecesOf(folder, file);
  }
}
