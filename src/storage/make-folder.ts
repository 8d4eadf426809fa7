/**
 * Makes a folder and its missing parents. It does not use `mkdir` with `recursive`, which loops for ever below /proc:
 * the system reports a missing folder although every parent exists.
 */
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errorCode } from "../primitives/error-code.ts";

/** Settles if the folder exists or was made; otherwise throws the operating system's error for `path`. */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isFolder(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await mkdir(folder, { mode }).catch(async (error: unknown) => {
      // Another process may have made it meanwhile.
      if (!(await isFolder(folder))) throw await named(folder, error);
    });
  }
}

/** False if there is nothing, or no folder; throws if it cannot be examined. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  return found?.isDirectory() === true;
}

/** Some file systems report ENOENT if no folder can be made there; mkdir(2) documents EPERM, which callers expect. */
async function named(folder: string, error: unknown): Promise<unknown> {
  const parent = dirname(folder);
  if (errorCode(error) !== "ENOENT" || !(await isFolder(parent))) return error;
  const words = `EPERM: no folder can be made in ${parent}, mkdir '${folder}'`;
  return Object.assign(new Error(words), { code: "EPERM", syscall: "mkdir", path: folder });
}
