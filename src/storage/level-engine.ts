/** The engine "level": LevelDB by classic-level, every batch synced (docs/decisions/0002-embedded-store.md). */
import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ClassicLevel, type IteratorOptions } from "classic-level";
import type { Bytes } from "../primitives/bytes.ts";
import { syncDirectory } from "./atomic-file.ts";
import { readThrough } from "./bounded-file.ts";
import { namesIn } from "./folder-names.ts";
import type { Change, Entry, KeyValue, Range } from "./key-value.ts";
import { describeKey } from "./keys.ts";
import { makeFolder } from "./make-folder.ts";
import { StorageCorruption, StorageError } from "./storage-errors.ts";
import { STORE_OPEN_FILES_MAX, type StoreEngine } from "./store-engine.ts";
import { namingRefusals, systemRefusal } from "./system-errors.ts";

/** LevelDB collects this much in its log before it writes a table. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;
const CACHE_BYTES = 32 * 1024 * 1024;
/** Entries fetched at once by an iteration. */
const ENTRIES_AT_ONCE = 512;
/** Or so many bytes of them, if that is fewer: a walk over a million small records would otherwise stop every hundred. */
const BYTES_AT_ONCE = 64 * 1024;
/** Of both, in bulk: each part costs two waits. */
const BULK_TIMES = 8;

type Level = ClassicLevel<Bytes, Bytes>;

export const levelEngine: StoreEngine = {
  logBytesMax: WRITE_BUFFER_BYTES,

  async create(location) {
    const names = await namingRefusals(location, async () => {
      const found = await namesIn(location);
      await makeFolder(location, 0o700);
      return found ?? [];
    });
    if (names.length > 0) {
      throw new StorageError(
        "exists",
        `${location} is not empty; a new store needs its own folder`,
      );
    }
    const keyValue = new LevelKeyValue(await openLevel(location, true));
    await syncDirectory(location);
    await syncDirectory(dirname(location));
    return keyValue;
  },

  async open(location, { openFilesMax }) {
    await checkFiles(location);
    const level = await openLevel(location, false, openFilesMax);
    // LevelDB has started a new log and renamed CURRENT, but syncs neither name.
    await syncDirectory(location);
    return new LevelKeyValue(level);
  },

  async exists(location) {
    return (await filesIn(location)).length > 0;
  },

  async space(location) {
    const sizes = await Promise.all(
      (await filesIn(location)).map((name) => sizeOf(join(location, name))),
    );
    const { bavail, bsize } = await statfs(location);
    return { used: sizes.reduce((sum, size) => sum + size, 0), free: bavail * bsize };
  },
};

/** The size of a file; 0 if the engine has just removed it. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return 0;
    throw error;
  }
}

/** The files of the store; none if its folder is absent. */
async function filesIn(location: string): Promise<readonly string[]> {
  return await namingRefusals(location, async () => (await namesIn(location)) ?? []);
}

/**
 * Checks files that LevelDB would silently ignore: it opens a store whose log is gone or unreadable, loses everything
 * that was only in that log, and removes it.
 */
async function checkFiles(location: string): Promise<void> {
  const names = await filesIn(location);
  if (names.length === 0) {
    throw new StorageError(
      "missing",
      `${location} is missing or empty; if its disk is not mounted, mount it; if it is lost, run countersign rejoin, ` +
        "which makes an empty one that the peers fill",
    );
  }
  if (!names.includes("CURRENT")) {
    throw new StorageError(
      "missing",
      `${location} holds no store; move it away and run countersign rejoin, which makes an empty one that the peers fill`,
    );
  }
  if (!names.some((name) => name.endsWith(".log"))) {
    throw new StorageCorruption(`the store ${location}`, "its log file is missing");
  }
  for (const name of names) {
    const path = join(location, name);
    await namingRefusals(path, async () => {
      await access(path, constants.R_OK | constants.W_OK);
      // Reads the whole log, so that an error of the disk appears here. A log is as large as one write buffer, and
      // few are left.
      if (name.endsWith(".log")) await readThrough(path);
    });
  }
}

async function openLevel(
  location: string,
  create: boolean,
  openFilesMax = STORE_OPEN_FILES_MAX,
): Promise<Level> {
  const level: Level = new ClassicLevel<Bytes, Bytes>(location, {
    keyEncoding: "view",
    valueEncoding: "view",
    createIfMissing: create,
    errorIfExists: create,
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: CACHE_BYTES,
    maxOpenFiles: openFilesMax,
    // Keys, hashes and signatures do not compress.
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
  const reason = reasonOf(cause);
  if (isHeldLock(cause)) {
    return new StorageError(
      "locked",
      `${location} is in use by another process; stop the node that runs on this data folder`,
      cause,
    );
  }
  return levelFailure(`the store ${location}`, `it does not open (${reason})`, cause);
}

/** True for the cause of a failed opening if the lock of the folder is held. */
function isHeldLock(cause: unknown): boolean {
  return codeOf(cause) === "LEVEL_LOCKED" && HELD_LOCK.test(reasonOf(cause));
}

/** The texts of LevelDB and of the operating system for a lock that another process holds. */
const HELD_LOCK = /already held by process|Resource temporarily unavailable|Permission denied/;

/**
 * The error of `record`, which LevelDB could not open or read. It is damage only if LevelDB's checksums or its list
 * of files say so. Every other error is one of the machine, and its remedy gives up no data.
 */
export function levelFailure(record: string, what: string, cause: unknown): StorageError {
  const reason = reasonOf(cause);
  // LevelDB reports an invalid argument for a manifest with another comparator, or for a file that it never wrote.
  const isDamage =
    codeOf(cause) === "LEVEL_CORRUPTION" || /^(Corruption|Invalid argument): /.test(reason);
  if (isDamage) return new StorageCorruption(record, what, cause);
  return (
    systemRefusal(record, cause) ??
    new StorageError(
      "unavailable",
      `${record}: ${what}; nothing stored was found damaged, so keep it; look at the disk and the machine, then start again`,
      cause,
    )
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** A store up to this size has few tables, which are merged soon in any case. */
const SMALL_BYTES_MAX = 64 * 1024 * 1024;
/** Searches between two looks at the size. */
const SEARCHES_PER_WEIGHING = 4_096;
const WHOLE_STORE = [Buffer.of(0), Buffer.of(0xff)] as const;

class LevelKeyValue implements KeyValue {
  readonly #level: Level;
  #searches = 0;
  #isLarge = false;

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

  /**
   * `get` is the cheaper by far, and in a small store it does no harm. LevelDB allows one `get` that looks into two tables for each 16 KiB of
   * the first, then it merges that table with all below that overlap it: in a large store without end (decision 0039). It does not
   * count searches by an iterator so.
   */
  async search(key: Bytes): Promise<Bytes | undefined> {
    try {
      if (this.#searches++ % SEARCHES_PER_WEIGHING === 0) {
        this.#isLarge = (await this.#level.approximateSize(...WHOLE_STORE)) > SMALL_BYTES_MAX;
      }
      return this.#isLarge ? await this.#find(key) : this.#level.getSync(key);
    } catch (error) {
      throw readFailure(describeKey(key), error);
    }
  }

  async #find(key: Bytes): Promise<Bytes | undefined> {
    const iterator = this.#level.iterator({ gte: key, lte: key });
    try {
      // One more than there can be: an iterator tells of a block that it could not read only at its end.
      const [entry] = await iterator.nextv(2);
      return entry?.[1];
    } finally {
      await iterator.close();
    }
  }

  async getLarge(key: Bytes): Promise<Bytes | undefined> {
    try {
      return await this.#level.get(key);
    } catch (error) {
      throw readFailure(describeKey(key), error);
    }
  }

  async *parts({
    from,
    below,
    reverse = false,
    limit = -1,
    isBulk = false,
  }: Range): AsyncGenerator<readonly Entry[]> {
    const place = `the records from ${describeKey(from)}`;
    const times = isBulk ? BULK_TIMES : 1;
    const highWaterMarkBytes = BYTES_AT_ONCE * times;
    const options = { gte: from, lt: below, reverse, limit, highWaterMarkBytes };
    const iterator = this.#begin(options, place);
    const next = () => {
      const entries = iterator.nextv(limit === 1 ? 1 : ENTRIES_AT_ONCE * times);
      // A part that was read ahead may be abandoned; who awaits it gets its error all the same.
      entries.catch(() => undefined);
      return entries;
    };
    let ahead: ReturnType<typeof next> | undefined;
    try {
      while (true) {
        const entries = await (ahead ?? next()).catch((error) => {
          throw readFailure(place, error);
        });
        if (entries.length === 0) return;
        // A walk over everything reads the next part while this one is used.
        ahead = limit === -1 ? next() : undefined;
        yield entries.map(([key, value]) => ({ key, value }));
        if (limit === 1) return;
      }
    } finally {
      await iterator.close();
    }
  }

  async write(changes: readonly Change[]): Promise<void> {
    try {
      // In one call: a chained batch has one for each change, and a native object that only a collection frees.
      await this.#level.batch([...changes], { sync: true });
    } catch (error) {
      // LevelDB refuses every write after it has met damage while it merged tables: freeing the disk would not help.
      if (codeOf(error) !== "LEVEL_CORRUPTION") throw error;
      const what = `they cannot be merged (${reasonOf(error)})`;
      throw new StorageCorruption("the store's tables", what, error);
    }
  }

  close(): Promise<void> {
    return this.#level.close();
  }

  #begin(options: IteratorOptions<Bytes, Bytes>, place: string) {
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
  return levelFailure(record, `it cannot be read (${reasonOf(error)})`, error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
