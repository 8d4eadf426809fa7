/**
 * A store in memory for tests and simulations, with the same records and checks as on disk, and a disk that can
 * crash.
 */
import type { Bytes } from "../primitives/bytes.ts";
import type { Store } from "./contracts.ts";
import type { Change, Entry, KeyValue, Range } from "./key-value.ts";
import { type OpenOptions, openStoreOn } from "./open-store.ts";
import { StorageError } from "./storage-errors.ts";

/** The part that survives a crash. Hand the same disk to the next `openMemoryStore`. */
export class MemoryDisk {
  /** Stored bytes by key, both one character a byte (latin1), so that their order is that of bytes. */
  readonly entries = new Map<string, Bytes>();
  /** While set, every write fails with it. */
  failure: Error | undefined;
  /** A slow disk: each write waits for it. */
  slowness: (() => Promise<void>) | undefined;
  #sorted: string[] | undefined;
  #holder: object | undefined;

  /** Cuts the disk's power: writes not yet applied are lost, and the store no longer answers. */
  crash(): void {
    this.#holder = undefined;
  }

  claim(holder: object): void {
    if (this.#holder !== undefined) {
      throw new StorageError(
        "locked",
        "this disk is in use by another store; close that one first",
      );
    }
    this.#holder = holder;
  }

  release(holder: object): void {
    if (this.#holder === holder) this.#holder = undefined;
  }

  check(holder: object): void {
    if (this.#holder !== holder) throw new StorageError("closed", "the store is closed");
  }

  apply(changes: readonly Change[]): void {
    if (this.failure !== undefined) throw this.failure;
    for (const change of changes) {
      const key = text(change.key);
      if (change.type === "put") {
        if (!this.entries.has(key)) this.#sorted = undefined;
        this.entries.set(key, change.value);
      } else if (this.entries.delete(key)) {
        this.#sorted = undefined;
      }
    }
  }

  /** Keys in `range`, in its order. */
  keys(range: Range): string[] {
    this.#sorted ??= [...this.entries.keys()].sort();
    const [from, below] = [text(range.from), text(range.below)];
    const found = this.#sorted.slice(
      indexOf(this.#sorted, from),
      Math.max(indexOf(this.#sorted, from), indexOf(this.#sorted, below)),
    );
    if (range.reverse === true) found.reverse();
    return range.limit === undefined ? found : found.slice(0, range.limit);
  }
}

/** Opens the store on `disk`, or creates it on an empty one. */
export async function openMemoryStore(
  options: { readonly disk?: MemoryDisk } & Pick<OpenOptions, "identity" | "upgrade" | "layouts">,
): Promise<Store> {
  const disk = options.disk ?? new MemoryDisk();
  const create = disk.entries.size === 0;
  return openStoreOn(new MemoryKeyValue(disk), {
    ...options,
    create,
    place: "this disk",
  });
}

class MemoryKeyValue implements KeyValue {
  readonly #disk: MemoryDisk;

  constructor(disk: MemoryDisk) {
    disk.claim(this);
    this.#disk = disk;
  }

  get(key: Bytes): Bytes | undefined {
    this.#disk.check(this);
    return this.#disk.entries.get(text(key));
  }

  async search(key: Bytes): Promise<Bytes | undefined> {
    return this.get(key);
  }

  async getLarge(key: Bytes): Promise<Bytes | undefined> {
    return this.get(key);
  }

  async *parts(range: Range): AsyncGenerator<readonly Entry[]> {
    this.#disk.check(this);
    const found: Entry[] = [];
    for (const key of this.#disk.keys(range)) {
      const value = this.#disk.entries.get(key);
      if (value !== undefined) found.push({ key: Buffer.from(key, "latin1"), value });
    }
    yield found;
  }

  async write(changes: readonly Change[]): Promise<void> {
    // A real disk answers in a later turn; the answer must not be visible before.
    await new Promise(setImmediate);
    await this.#disk.slowness?.();
    this.#disk.check(this);
    this.#disk.apply(changes);
  }

  async close(): Promise<void> {
    this.#disk.release(this);
  }
}

function text(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The number of entries of `sorted` below `key`. */
function indexOf(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
