/**
 * Files that only their owner may read. A file that others may read is refused, so that a slip is noticed before a
 * theft.
 */
import { type FileHandle, open } from "node:fs/promises";
import type { Bytes } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { LIMITS } from "../primitives/limits.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { FileTooLarge, readDescriptor } from "./bounded-file.ts";
import { StorageError } from "./storage-errors.ts";
import { systemRefusal } from "./system-errors.ts";

const OTHERS = 0o077;

/** The content of a file of mode 0600 or less. */
export async function readPrivateFile(path: string): Promise<Bytes> {
  const file = await openFile(path);
  try {
    const { mode } = await file.stat();
    if ((mode & OTHERS) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, "0");
      throw new StorageError(
        "exposed",
        `${path} can be read by others (mode ${shown}); run: chmod 600 ${shellWord(path)}`,
      );
    }
    return readDescriptor(file.fd, LIMITS.files.smallBytesMax);
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw systemRefusal(path, error) ?? error;
    throw new StorageError(
      "malformed",
      `${path} cannot be used: ${error.message}; put the right file there`,
    );
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT")
      throw new StorageError(
        "missing",
        `${path} is missing; put it back, or name the right file`,
        error,
      );
    throw systemRefusal(path, error) ?? error;
  }
}
