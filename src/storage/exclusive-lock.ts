/**
 * A lock that one process holds, and that the operating system gives back when the process ends in any way: that of an empty
 * LevelDB store. Its folder stays: were it removed, one process could hold the old one and another the new one.
 */
import { ClassicLevel } from "classic-level";
import { isHeldLock } from "./level-engine.ts";
import { StorageError } from "./storage-errors.ts";

export interface ExclusiveLock {
  readonly release: () => Promise<void>;
}

/** Undefined if it is held, by another process or by this one. Throws StorageError if the folder cannot be used. */
export async function takeExclusiveLock(folder: string): Promise<ExclusiveLock | undefined> {
  const level = new ClassicLevel(folder);
  try {
    await level.open();
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (isHeldLock(cause)) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError("unavailable", `${folder} cannot be locked (${reason})`, cause);
  }
  return { release: () => level.close() };
}
