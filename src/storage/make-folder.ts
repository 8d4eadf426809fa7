/**
 * Makes a folder and what is missing above it. Not by `mkdir` with `recursive`: below /proc, say, that never ends, because
 * the system says that something is missing though everything above is there.
 */
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Settles if the folder is there or was made; otherwise throws the error of the operating system for `path`. */
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

/** False if nothing is there, or something else; what cannot be looked at is an error. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  return found?.isDirectory() === true;
}

/** Where no folder can be made, some file systems say ENOENT; mkdir(2) has EPERM for that, and so do its readers. */
async function named(folder: string, error: unknown): Promise<unknown> {
  const parent = dirname(folder);
  if (codeOf(error) !== "ENOENT" || !(await isFolder(parent))) return error;
  const words = `EPERM: no folder can be made in ${parent}, mkdir '${folder}'`;
  return Object.assign(new Error(words), { code: "EPERM", syscall: "mkdir", path: folder });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
