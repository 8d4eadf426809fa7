/** Names in a folder that is to be filled, which may also be a link to one or the root of a disk. */
import { lstat, readdir, readlink } from "node:fs/promises";
import { errorCode } from "../primitives/error-code.ts";
import { StorageError } from "./storage-errors.ts";

/** Part of the file system in the root of a disk; a folder with nothing else is empty. */
const NOT_COUNTED = "lost+found";

/**
 * Undefined if there is nothing at `path`. A dangling link is refused, because the new folder could lie on the wrong
 * disk.
 */
export async function namesIn(path: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(path)).filter((name) => name !== NOT_COUNTED);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    if (!(await isLink(path))) return undefined;
    throw new StorageError(
      "missing",
      `${path} is a link to ${await readlink(path)}, where nothing is; make that folder, or mount its disk`,
    );
  }
}

/** True if `path` itself is a symbolic link. */
export async function isLink(path: string): Promise<boolean> {
  return await lstat(path).then(
    (stat) => stat.isSymbolicLink(),
    () => false,
  );
}
