/**
 * Orders writes, and lets waiting writes share one sync: while one batch is written, the next collects writes. A write that
 * can wait shares the sync of the next one that cannot. A failed write ends the queue, because the contents of the disk are
 * then unknown until the next start.
 */
import { batchNumberChange } from "./batch-numbers.ts";
import type { Change, KeyValue } from "./key-value.ts";
import { StorageCorruption, StorageError } from "./storage-errors.ts";
import { StoreFigures } from "./store-figures.ts";
import { systemRemedy } from "./system-errors.ts";

/** Waiting writes join one batch up to this size, to bound memory and the time of one sync. */
const JOINED_BYTES_MAX = 8 * 1024 * 1024;

interface Waiting {
  readonly changes: readonly Change[];
  readonly bytes: number;
  /** It waits for another write. */
  readonly canWait: boolean;
  readonly settle: (failure: StorageError | undefined) => void;
}

export class WriteQueue {
  readonly #keyValue: KeyValue;
  #nextNumber: number;
  /** In the order of the calls. */
  readonly #waiting: Waiting[] = [];
  /** The number of those that cannot wait for another write. */
  #due = 0;
  #running: Promise<void> | undefined;
  #refusal: StorageError | undefined;
  readonly figures = new StoreFigures();

  constructor(keyValue: KeyValue, nextNumber: number) {
    this.#keyValue = keyValue;
    this.#nextNumber = nextNumber;
  }

  /** Settles when `changes` and all writes before them are synced. */
  write(changes: readonly Change[]): Promise<void> {
    const written = this.#add(changes, false);
    if (this.#due > 0) this.#running ??= this.#run();
    return written;
  }

  /**
   * Settles when `changes` and all writes before them are synced, which needs another write after them, a flush, or the end
   * of the queue.
   */
  writeWithNext(changes: readonly Change[]): Promise<void> {
    return this.#add(changes, true);
  }

  /** Writes what waits for another write, if anything does; settles when every write called so far is synced. */
  async flush(): Promise<void> {
    if (this.#waiting.length > this.#due) await this.write([]);
    else await this.drain();
  }

  /** Settles when every write called so far that cannot wait is synced; rejects if one of them failed. */
  async drain(): Promise<void> {
    await this.#running;
    if (this.#refusal !== undefined && this.#refusal.code !== "closed") throw this.#refusal;
  }

  /** Refuses new writes, and waits until all earlier ones have settled, with or without an error. */
  async close(): Promise<void> {
    const flushed = this.flush().catch(() => undefined);
    this.#refusal ??= new StorageError("closed", "the store is closed");
    await flushed;
    await this.#running;
  }

  #add(changes: readonly Change[], canWait: boolean): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    const bytes = sizeOf(changes);
    this.figures.writes += 1;
    this.figures.bytes += bytes;
    this.figures.waiting += 1;
    if (!canWait) this.#due += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        changes,
        bytes,
        canWait,
        settle: (failure) => (failure === undefined ? resolve() : reject(failure)),
      });
    });
  }

  async #run(): Promise<void> {
    // Writes called in the same turn of the event loop join the first batch.
    await Promise.resolve();
    while (this.#due > 0) {
      const joined = this.#takeJoined();
      const failure = await this.#writeJoined(joined);
      this.figures.waiting -= joined.length;
      for (const { settle } of joined) settle(failure);
      if (failure !== undefined) this.#refuse(failure);
    }
    this.#running = undefined;
  }

  #takeJoined(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes;
      if (count > 0 && bytes > JOINED_BYTES_MAX) break;
      count += 1;
    }
    const joined = this.#waiting.splice(0, count);
    for (const { canWait } of joined) if (!canWait) this.#due -= 1;
    return joined;
  }

  async #writeJoined(joined: readonly Waiting[]): Promise<StorageError | undefined> {
    const changes = joined.flatMap((waiting) => waiting.changes);
    changes.push(batchNumberChange(this.#nextNumber));
    try {
      const begun = performance.now();
      await this.#keyValue.write(changes);
      this.figures.syncs.observe((performance.now() - begun) / 1000);
    } catch (error) {
      if (error instanceof StorageCorruption) return error;
      const reason = error instanceof Error ? error.message : String(error);
      const remedy = systemRemedy(error) ?? "free or repair the disk";
      return new StorageError(
        "writeFailed",
        `the disk refused a write (${reason}); ${remedy}, then start the node again`,
        error,
      );
    }
    this.#nextNumber += 1;
    return undefined;
  }

  #refuse(failure: StorageError): void {
    this.#refusal = failure;
    for (const { settle } of this.#waiting.splice(0)) settle(failure);
    this.#due = 0;
    this.figures.waiting = 0;
  }
}

function sizeOf(changes: readonly Change[]): number {
  let bytes = 0;
  for (const change of changes) {
    bytes += change.key.length + (change.type === "put" ? change.value.length : 0);
  }
  return bytes;
}
