/**
 * A lock that one process holds, and that the operating system gives back when the process ends in any way: that of an SQLite database,
 * which Node has inside, on an empty file. Its folder stays: were it removed, one process could hold the old one and another the new one.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "./make-folder.ts";
import { StorageError } from "./storage-errors.ts";

export interface ExclusiveLock {
  /** Does nothing if it was released before. */
  readonly release: () => Promise<void>;
}

const FILE = "held";
/** SQLITE_BUSY of sqlite.org/rescode.html. */
const BUSY = 5;

/** Undefined if it is held, by another process or by this one. Throws StorageError if the folder cannot be used. */
export async function takeExclusiveLock(folder: string): Promise<ExclusiveLock | undefined> {
  let database: DatabaseSync | undefined;
  try {
    await makeFolder(folder);
    database = new DatabaseSync(join(folder, FILE));
    // Holds the lock until it ends; nothing is written.
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if (error instanceof Error && "errcode" in error && error.errcode === BUSY) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StorageError("unavailable", `${folder} cannot be locked (${reason})`, error);
  }
  const held = database;
  return {
    release: async () => {
      if (held.isOpen) held.close();
    },
  };
}
