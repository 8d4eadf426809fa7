/** The embedded store: LevelDB by classic-level, every batch synced (docs/decisions/0002-embedded-store.md). */
import { mkdir, readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { ClassicLevel } from "classic-level";
import type { Bytes } from "../primitives/bytes.ts";
import { syncDirectory } from "./atomic-file.ts";
import type { Store, StoreIdentity } from "./contracts.ts";
import { StorageCorruption, StorageError } from "./errors.ts";
import type { Change, Entry, KeyValue, Range } from "./key-value.ts";
import { describeKey } from "./keys.ts";
import { openStore } from "./open-store.ts";

/** What LevelDB gathers in its log before it writes a table; batch-numbers.ts counts on it. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;
const CACHE_BYTES = 32 * 1024 * 1024;
/** Entries fetched at once by an iteration. */
const ENTRIES_AT_ONCE = 512;

type Level = ClassicLevel<Bytes, Bytes>;

export interface LevelStoreOptions {
  /** Its own folder; nothing else may be in it. */
  readonly location: string;
  readonly identity: StoreIdentity;
}

/** Creates a store in a folder that does not exist or is empty. */
export async function createLevelStore({ location, identity }: LevelStoreOptions): Promise<Store> {
  await mkdir(location, { recursive: true, mode: 0o700 });
  if ((await readdir(location)).length > 0) {
    throw new StorageError("exists", `${location} is not empty; a new store needs its own folder`);
  }
  const level = await openLevel(location, true);
  const keyValue = new LevelKeyValue(level);
  const store = await openStore(keyValue, { identity, create: true, place: location });
  await syncDirectory(location);
  await syncDirectory(dirname(location));
  return store;
}

/** Opens a store that was created before; a folder that is gone or emptied is never silently made anew. */
export async function openLevelStore({ location, identity }: LevelStoreOptions): Promise<Store> {
  await checkFiles(location);
  const level = await openLevel(location, false);
  // LevelDB has begun a new log and renamed CURRENT, and syncs neither name.
  await syncDirectory(location);
  return openStore(new LevelKeyValue(level), { identity, create: false, place: location });
}

/** False if nothing, or an empty folder, is where a store should be: whatever else is there must open, or stays. */
export async function storeExists(location: string): Promise<boolean> {
  const names = await readdir(location).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return [];
    throw new StorageError("unavailable", `${location} cannot be read`, error);
  });
  return names.length > 0;
}

/** LevelDB opens without its log, and without whatever was only there. */
async function checkFiles(location: string): Promise<void> {
  const names = await readdir(location).catch((error: unknown) => {
    throw new StorageError(
      "missing",
      `${location} is missing; run countersign rejoin, which makes an empty one that the peers fill`,
      error,
    );
  });
  if (!names.includes("CURRENT")) {
    throw new StorageError(
      "missing",
      `${location} holds no store; move it away and run countersign rejoin, which makes an empty one that the peers fill`,
    );
  }
  if (!names.some((name) => name.endsWith(".log"))) {
    throw new StorageCorruption(`the store ${location}`, "its log file is missing");
  }
}

async function openLevel(location: string, create: boolean): Promise<Level> {
  const level: Level = new ClassicLevel<Bytes, Bytes>(location, {
    keyEncoding: "view",
    valueEncoding: "view",
    createIfMissing: create,
    errorIfExists: create,
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: CACHE_BYTES,
    // Keys, hashes and signatures do not shrink.
    compression: false,
  });
  try {
    await level.open();
    return level;
  } catch (error) {
    throw openFailure(location, error instanceof Error ? (error.cause ?? error) : error);
  }
}

function openFailure(location: string, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (codeOf(cause) === "LEVEL_LOCKED") {
    return new StorageError(
      "locked",
      `${location} is in use by another process; stop the node that runs on this data folder`,
      cause,
    );
  }
  if (/permission denied|read-only|no space|too many open/i.test(reason)) {
    return new StorageError("unavailable", `${location} cannot be opened (${reason})`, cause);
  }
  // LevelDB reports much of what damage does as a mere I/O error or invalid argument.
  return new StorageCorruption(`the store ${location}`, `it does not open (${reason})`, cause);
}

class LevelKeyValue implements KeyValue {
  readonly #level: Level;

  constructor(level: Level) {
    this.#level = level;
  }

  get(key: Bytes): Bytes | undefined {
    try {
      return this.#level.getSync(key);
    } catch (error) {
      throw readFailure(describeKey(key), error);
    }
  }

  async getLarge(key: Bytes): Promise<Bytes | undefined> {
    try {
      return await this.#level.get(key);
    } catch (error) {
      throw readFailure(describeKey(key), error);
    }
  }

  async *range({ from, below, reverse = false, limit = -1 }: Range): AsyncGenerator<Entry> {
    const place = `the records from ${describeKey(from)}`;
    const iterator = this.#begin({ gte: from, lt: below, reverse, limit }, place);
    try {
      while (true) {
        const entries = await iterator.nextv(limit === 1 ? 1 : ENTRIES_AT_ONCE).catch((error) => {
          throw readFailure(place, error);
        });
        if (entries.length === 0) return;
        for (const [key, value] of entries) yield { key, value };
        if (limit === 1) return;
      }
    } finally {
      await iterator.close();
    }
  }

  write(changes: readonly Change[]): Promise<void> {
    const batch = this.#level.batch();
    for (const change of changes) {
      if (change.type === "put") batch.put(change.key, change.value);
      else batch.del(change.key);
    }
    return batch.write({ sync: true });
  }

  close(): Promise<void> {
    return this.#level.close();
  }

  #begin(options: { gte: Bytes; lt: Bytes; reverse: boolean; limit: number }, place: string) {
    try {
      return this.#level.iterator(options);
    } catch (error) {
      throw readFailure(place, error);
    }
  }
}

function readFailure(record: string, error: unknown): StorageError {
  const code = codeOf(error);
  if (code === "LEVEL_DATABASE_NOT_OPEN" || code === "LEVEL_ITERATOR_NOT_OPEN") {
    return new StorageError("closed", "the store is closed", error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageCorruption(record, `it cannot be read (${reason})`, error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
