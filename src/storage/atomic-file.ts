/** Writes small files atomically and durably: temporary file, sync, rename, sync of the folder. */
import { randomBytes } from "node:crypto";
import { link, open, rename, rm, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Bytes } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";

/** The suffix of temporary files. One found at a start was left by a crash and may be removed. */
export const TEMPORARY_SUFFIX = ".tmp";

/** The mode of files that hold no secret. */
export const PUBLIC_FILE_MODE = 0o644;

/** Replaces `path` by `content`, with mode 0600 by default. Once it settles, a crash of the machine does not undo it. */
export async function writeFileDurably(path: string, content: Bytes, mode = 0o600): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    await writeSynced(temporary, content, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // The error names the requested path, not the temporary one.
    if (error instanceof Error && "path" in error) Object.assign(error, { path });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/**
 * Creates `path` with mode 0600; returns false and changes nothing if it exists. Of several callers exactly one
 * creates it.
 */
export async function createFileDurably(path: string, content: Bytes): Promise<boolean> {
  const temporary = temporaryFor(path);
  let created = true;
  try {
    await writeSynced(temporary, content, 0o600);
    await link(temporary, path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    created = false;
  } finally {
    await rm(temporary, { force: true });
  }
  // Another caller that was first may not have synced the folder yet.
  await syncDirectory(dirname(path));
  return created;
}

async function writeSynced(path: string, content: Bytes, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Overwrites `path`, then removes it. The file gets a temporary name first, so that a crash leaves no half-overwritten
 * file under the old name; the next start destroys the leftover. On a magnetic disk with a plain file system nothing
 * readable is left. Flash storage, copy-on-write file systems, snapshots and backups may keep the old blocks: there only
 * the encryption of the content, that is, the passphrase, protects it.
 */
export async function destroyFile(path: string): Promise<void> {
  const doomed = temporaryFor(path);
  await rename(path, doomed);
  await syncDirectory(dirname(path));
  const file = await open(doomed, "r+");
  try {
    const { size } = await file.stat();
    // writeFile writes all of it; a single write may write a part.
    await file.writeFile(randomBytes(size));
    await file.sync();
  } finally {
    await file.close();
  }
  await unlink(doomed);
  await syncDirectory(dirname(path));
}

/** Makes names that were created, renamed or removed in `folder` survive a crash of the machine. */
export async function syncDirectory(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function temporaryFor(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}${TEMPORARY_SUFFIX}`;
}
