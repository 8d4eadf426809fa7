/**
 * The disk of one node: a sync takes time, and the power may fail meanwhile. Each write not yet synced is then kept
 * or lost as a whole. The secrets lie in files beside the store.
 */
import type { SecretKeys } from "../../src/node/sealing/ceremony-keys.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { StoreIdentity } from "../../src/storage/contracts.ts";
import type { KeyEntry } from "../../src/storage/key-ring.ts";
import type { Change, Entry, KeyValue, Range } from "../../src/storage/key-value.ts";
import { MemoryDisk } from "../../src/storage/memory-store.ts";
import { openStoreOn } from "../../src/storage/open-store.ts";
import { StorageError } from "../../src/storage/storage-errors.ts";
import type { Random } from "../support/world/random.ts";
import type { Clock } from "./clock.ts";

export interface DiskParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly syncMaxMs: number;
  /** Test only: reports a sync that it has not made. */
  readonly lies: boolean;
}

type Secret = KeyEntry & { readonly secret: Bytes };

export class Disk {
  readonly parts: DiskParts;
  readonly secrets = new Map<string, Secret>();
  #cells = new MemoryDisk();

  constructor(parts: DiskParts) {
    this.parts = parts;
  }

  get cells(): MemoryDisk {
    return this.#cells;
  }

  /** Loses the store; the secrets are elsewhere. */
  loseStore(): void {
    this.#cells = new MemoryDisk();
  }
}

/** A disk from the start of its machine until the power fails. */
export class PoweredDisk implements KeyValue {
  readonly #disk: Disk;
  readonly #cells: MemoryDisk;
  #powered = true;
  /** Writes not yet synced, in order: each is applied or, on a lying disk, undone. */
  readonly #pending = new Set<() => void>();

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#cells = disk.cells;
  }

  openStore(identity: StoreIdentity) {
    const create = this.#cells.entries.size === 0;
    return openStoreOn(this, { identity, create, place: "this disk" });
  }

  /** The write under way may have reached the disk just before. */
  powerCut(): void {
    const { random, lies } = this.#disk.parts;
    this.#powered = false;
    const pending = [...this.#pending];
    if (lies) for (const undo of pending.reverse()) undo();
    else for (const apply of pending) if (random.chance(0.5)) apply();
    this.#pending.clear();
  }

  get keyRing(): SecretKeys {
    const { secrets } = this.#disk;
    return {
      has: async (name) => secrets.has(name),
      load: async (name, kind) => {
        this.#check();
        const found = secrets.get(name);
        if (found?.kind !== kind) throw new StorageError("malformed", `there is no ${name}`);
        return { ...found, secret: Uint8Array.from(found.secret) };
      },
      save: (entry, secret) => {
        const kept = { ...entry, secret: Uint8Array.from(secret) };
        return this.#sync(() => secrets.set(entry.name, kept));
      },
      destroy: (name) => this.#sync(() => secrets.delete(name)),
    };
  }

  get(key: Bytes): Bytes | undefined {
    this.#check();
    return this.#cells.entries.get(textOf(key));
  }

  async search(key: Bytes): Promise<Bytes | undefined> {
    return this.get(key);
  }

  async getLarge(key: Bytes): Promise<Bytes | undefined> {
    return this.get(key);
  }

  async *parts(range: Range): AsyncGenerator<readonly Entry[]> {
    this.#check();
    const found = this.#cells.keys(range).flatMap((key): Entry[] => {
      const value = this.#cells.entries.get(key);
      return value === undefined ? [] : [{ key: Buffer.from(key, "latin1"), value }];
    });
    yield found;
  }

  write(changes: readonly Change[]): Promise<void> {
    if (this.#disk.parts.lies) return this.#writeLying(changes);
    return this.#sync(() => this.#cells.apply(changes));
  }

  async close(): Promise<void> {
    this.#powered = false;
  }

  async #sync(apply: () => void): Promise<void> {
    this.#check();
    this.#pending.add(apply);
    await this.#pause();
    this.#check();
    this.#pending.delete(apply);
    apply();
  }

  async #writeLying(changes: readonly Change[]): Promise<void> {
    this.#check();
    const before = changes.map(({ key }): Change => {
      const value = this.#cells.entries.get(textOf(key));
      return value === undefined ? { type: "del", key } : { type: "put", key, value };
    });
    this.#cells.apply(changes);
    const undo = () => this.#cells.apply(before);
    this.#pending.add(undo);
    void this.#pause().then(() => this.#synced(undo));
    await new Promise(setImmediate);
  }

  /** Also syncs everything written before. */
  #synced(write: () => void): void {
    if (!this.#pending.has(write)) return;
    for (const one of [...this.#pending]) {
      this.#pending.delete(one);
      if (one === write) return;
    }
  }

  #pause(): Promise<void> {
    const { clock, random, syncMaxMs } = this.#disk.parts;
    return clock.sleep(random.between(1, syncMaxMs));
  }

  #check(): void {
    if (!this.#powered) throw new StorageError("closed", "the power is gone");
  }
}

function textOf(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
