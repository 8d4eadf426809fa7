/** What is in a folder that is to be filled: the folder itself, a link to one, or the root of a disk. */
import { lstat, readdir, readlink } from "node:fs/promises";
import { StorageError } from "./errors.ts";

/** A file system's own, in the root of a disk: it makes an empty folder no fuller. */
const NOT_COUNTED = "lost+found";

/** Undefined if nothing is at `path`. A link to nothing is refused: what is made there could lie on the wrong disk. */
export async function namesIn(path: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(path)).filter((name) => name !== NOT_COUNTED);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    if (!(await isLink(path))) return undefined;
    throw new StorageError(
      "missing",
      `${path} is a link to ${await readlink(path)}, where nothing is; make that folder, or mount its disk`,
    );
  }
}

/** Whether `path` itself is a link, to whatever. */
export async function isLink(path: string): Promise<boolean> {
  return await lstat(path).then(
    (stat) => stat.isSymbolicLink(),
    () => false,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
