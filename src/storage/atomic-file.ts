/** Small files that are either wholly there or not: temporary file, sync, rename, sync of the folder. */
import { randomBytes } from "node:crypto";
import { link, open, rename, rm, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Bytes } from "../primitives/bytes.ts";

/** Ends the names of files that a crash left half-written; whoever finds them may remove them. */
export const TEMPORARY_SUFFIX = ".tmp";

/** Of a file that is no secret. */
export const PUBLIC_FILE_MODE = 0o644;

/** Replaces `path` by `content`. When it settles, a crash of the machine does not undo it. Mode 0600 unless told. */
export async function writeFileDurably(path: string, content: Bytes, mode = 0o600): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    await writeSynced(temporary, content, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // The name that was asked for, not one that is gone.
    if (error instanceof Error && "path" in error) Object.assign(error, { path });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The same if `path` does not exist; false, and nothing is changed, if it does. Of several callers one creates it. */
export async function createFileDurably(path: string, content: Bytes): Promise<boolean> {
  const temporary = temporaryFor(path);
  let created = true;
  try {
    await writeSynced(temporary, content, 0o600);
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    created = false;
  } finally {
    await rm(temporary, { force: true });
  }
  // Also where another caller was first: it may not be so far yet.
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
 * Overwrites `path`, then removes it. It is given a temporary name first: whatever a crash leaves, no half-overwritten
 * file is found under its own name, and whoever meets the leftover destroys it. On a magnetic disk with a plain file
 * system nothing readable is left. On flash
 * storage, and on file systems that copy on write, keep snapshots or are backed up, the old blocks may live on: there
 * only the encryption of what was in the file protects it, that is, the passphrase.
 */
export async function destroyFile(path: string): Promise<void> {
  const doomed = temporaryFor(path);
  await rename(path, doomed);
  await syncDirectory(dirname(path));
  const file = await open(doomed, "r+");
  try {
    const { size } = await file.stat();
    // All of it: a single write may take a part, and say so only by its length.
    await file.writeFile(randomBytes(size));
    await file.sync();
  } finally {
    await file.close();
  }
  await unlink(doomed);
  await syncDirectory(dirname(path));
}

/** Makes names created, renamed or removed in `folder` survive a crash of the machine. */
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
