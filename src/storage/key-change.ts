/**
 * Changes the passphrase of a folder of keys. Each key is encrypted anew beside its file, and one mark makes all new files
 * count at once: before it the old passphrase opens all keys, behind it the new one does. A crash leaves one of the two.
 */
import { readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { createFileDurably, destroyFile, syncDirectory, writeFileDurably } from "./atomic-file.ts";

const NEXT = ".next";
/** From its creation on the files with the suffix above are the keys. */
const MARK = "passphrase-change";

/** Removes what a change left that was interrupted before it counted. Only a process that holds the folder may call it. */
export async function clearNext(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.endsWith(NEXT));
  for (const name of left) await destroyFile(join(folder, name));
}

/** Destroys what an interrupted change left of this key file. */
export async function destroyNext(folder: string, file: string): Promise<void> {
  const name = `${file}${NEXT}`;
  if ((await readdir(folder)).includes(name)) await destroyFile(join(folder, name));
}

/** `file`: the name of a key file. Synced when it settles; it does not count yet. */
export async function writeNext(folder: string, file: string, content: Bytes): Promise<void> {
  await writeFileDurably(join(folder, `${file}${NEXT}`), content);
}

/** Makes all files of `writeNext` count. */
export async function commitNext(folder: string): Promise<void> {
  await createFileDurably(
    join(folder, MARK),
    utf8("countersign replaces the keys in this folder\n"),
  );
}

/** Ends a change that counts, also one that a crash interrupted. Two processes may do so at a time. */
export async function settleNext(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (!names.includes(MARK)) return;
  for (const name of names.filter((one) => one.endsWith(NEXT))) {
    const file = join(folder, name.slice(0, -NEXT.length));
    await rename(join(folder, name), file).catch(passOverAbsent);
  }
  await syncDirectory(folder);
  await unlink(join(folder, MARK)).catch(passOverAbsent);
  await syncDirectory(folder);
}

/** Another process was first. */
function passOverAbsent(error: unknown): void {
  if (errorCode(error) !== "ENOENT") throw error;
}
