/** Writes the records of an outbox. Those that come while one batch is on its way to the disk go together in the next. */
import { LedgerError } from "./ledger-error.ts";
import { writeBatch } from "./outbox-records.ts";
import type { OutboxStorage } from "./outbox-storage.ts";

interface Waiting {
  readonly record: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** So that a batch is one write of a few megabytes at most. */
const BATCH_RECORDS_MAX = 1_000;

export class RecordWriter {
  readonly #storage: OutboxStorage;
  /** All that the storage must hold, without what is forgotten. */
  readonly #needed: () => readonly string[];
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(storage: OutboxStorage, needed: () => readonly string[]) {
    this.#storage = storage;
    this.#needed = needed;
  }

  /** Settles when the record is durable. Throws LedgerError OUTBOX_FULL, or what the storage throws. */
  add(record: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Settles when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #add(batch: string): Promise<boolean> {
    if (await this.#storage.add(batch)) return true;
    await this.#storage.replace(this.#needed());
    return await this.#storage.add(batch);
  }

  async #writeAll(): Promise<void> {
    // What the same turn of the program adds goes with the first.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_RECORDS_MAX);
      try {
        if (!(await this.#add(writeBatch(batch.map(({ record }) => record))))) {
          throw new LedgerError("OUTBOX_FULL", "the outbox has no room; forget what is handled");
        }
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }
}
