/**
 * Checked records: values get a checksum when they are written and are checked when they are read; all writes go
 * through one queue.
 */
import type { Bytes } from "../primitives/bytes.ts";
import { type Decoder, decodeStrict, EncodingError } from "../primitives/encoding.ts";
import { protect, unprotect } from "./checksum.ts";
import { type Change, type Entry, entriesIn, type KeyValue, type Range } from "./key-value.ts";
import { describeKey } from "./keys.ts";
import { StorageCorruption } from "./storage-errors.ts";
import type { WriteQueue } from "./write-queue.ts";

export class Records {
  readonly #keyValue: KeyValue;
  readonly #queue: WriteQueue;

  constructor(keyValue: KeyValue, queue: WriteQueue) {
    this.#keyValue = keyValue;
    this.#queue = queue;
  }

  load(key: Bytes): Bytes | undefined {
    const stored = this.#keyValue.get(key);
    return stored === undefined ? undefined : unprotect(key, stored);
  }

  /** As `load`, for a record that is seldom there. */
  async search(key: Bytes): Promise<Bytes | undefined> {
    const stored = await this.#keyValue.search(key);
    return stored === undefined ? undefined : unprotect(key, stored);
  }

  async loadLarge(key: Bytes): Promise<Bytes | undefined> {
    const stored = await this.#keyValue.getLarge(key);
    return stored === undefined ? undefined : unprotect(key, stored);
  }

  async *range(range: Range): AsyncGenerator<Entry> {
    for await (const { key, value } of entriesIn(this.#keyValue, range)) {
      yield { key, value: unprotect(key, value) };
    }
  }

  /** The same, many at once; the whole part is checked before it is given. */
  async *parts(range: Range): AsyncGenerator<readonly Entry[]> {
    for await (const entries of this.#keyValue.parts(range)) {
      yield entries.map(({ key, value }) => ({ key, value: unprotect(key, value) }));
    }
  }

  async first(range: Range): Promise<Entry | undefined> {
    for await (const entry of this.range({ ...range, limit: 1 })) return entry;
    return undefined;
  }

  /**
   * The entry of `key`, else of the next key of its range. Reads the key itself first, because an iterator costs
   * more.
   */
  async atOrAbove(key: Bytes, below: Bytes): Promise<Entry | undefined> {
    const value = this.load(key);
    return value === undefined ? this.first({ from: key, below }) : { key, value };
  }

  write(changes: readonly Change[]): Promise<void> {
    return this.#queue.write(changes);
  }

  /** As `write`, but shares the sync of the next write, or of a flush. */
  writeWithNext(changes: readonly Change[]): Promise<void> {
    return this.#queue.writeWithNext(changes);
  }

  flush(): Promise<void> {
    return this.#queue.flush();
  }

  drain(): Promise<void> {
    return this.#queue.drain();
  }
}

export function put(key: Bytes, value: Bytes): Change {
  return { type: "put", key, value: protect(key, value) };
}

export function del(key: Bytes): Change {
  return { type: "del", key };
}

/** Reads a value of this store's own layout. If its checksum is right but it does not decode, it is damaged too. */
export function readRecord<T>(key: Bytes, value: Bytes, read: (decoder: Decoder) => T): T {
  const result = decodeStrict(value, read);
  if (result instanceof EncodingError) {
    throw new StorageCorruption(
      describeKey(key),
      `it cannot be decoded: ${result.message}`,
      result,
    );
  }
  return result;
}
