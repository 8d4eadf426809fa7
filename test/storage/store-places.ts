/** The engines that every test of the storage contract runs on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach } from "vitest";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { Store, StoreIdentity } from "../../src/storage/contracts.ts";
import { MemoryDisk, openMemoryStore } from "../../src/storage/memory-store.ts";
import { createStore, openStore } from "../../src/storage/store-factory.ts";
import { identity } from "./crash-record.ts";

/** One place whose store can be opened again and again. */
export interface StorePlace {
  /** Creates the store the first time, opens it later. */
  open(identity: StoreIdentity): Promise<Store>;
  /** The stored bytes by key (latin1), read behind the store's back; only while no store is open. */
  read(): Promise<Map<string, Bytes>>;
  /** Writes one of these records; undefined removes it. */
  write(key: string, value: Bytes | undefined): Promise<void>;
  remove(): Promise<void>;
}

/** A store in a fresh place for each test, closed and removed after it. */
export class StoreUnderTest {
  #place: StorePlace | undefined;
  #store: Store | undefined;
  readonly #removals: (() => Promise<void>)[] = [];

  get place(): StorePlace {
    if (this.#place === undefined) throw new Error("no place yet");
    return this.#place;
  }

  set place(place: StorePlace) {
    this.#place = place;
    this.#removals.push(() => place.remove());
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error("no store yet");
    return this.#store;
  }

  async open(): Promise<void> {
    this.#store = await this.place.open(identity);
  }

  async reopen(): Promise<void> {
    await this.store.close();
    await this.open();
  }

  async end(): Promise<void> {
    await this.#store?.close();
    for (const remove of this.#removals.splice(0)) await remove();
  }
}

/** Sets up one store for each test of a group. */
export function storeUnderTest(makePlace: () => Promise<StorePlace>): StoreUnderTest {
  const at = new StoreUnderTest();
  beforeEach(async () => {
    at.place = await makePlace();
    await at.open();
  });
  afterEach(() => at.end());
  return at;
}

export const PLACES: readonly (readonly [string, () => Promise<StorePlace>])[] = [
  ["memory store", makeMemoryPlace],
  ["level store", makeLevelPlace],
];

async function makeMemoryPlace(): Promise<StorePlace> {
  const disk = new MemoryDisk();
  return {
    open: (whose) => openMemoryStore({ identity: whose, disk }),
    read: async () => new Map(disk.entries),
    write: async (key, value) => {
      disk.apply([
        value === undefined
          ? { type: "del", key: Buffer.from(key, "latin1") }
          : { type: "put", key: Buffer.from(key, "latin1"), value },
      ]);
    },
    remove: async () => disk.entries.clear(),
  };
}

async function makeLevelPlace(): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-level-"));
  const location = join(folder, "store");
  let created = false;
  const withLevel = async <T>(use: (level: ClassicLevel<Bytes, Bytes>) => Promise<T>) => {
    const level = new ClassicLevel<Bytes, Bytes>(location, {
      keyEncoding: "view",
      valueEncoding: "view",
    });
    try {
      return await use(level);
    } finally {
      await level.close();
    }
  };
  return {
    open: async (whose) => {
      if (created) return openStore({ engine: "level", location, identity: whose });
      created = true;
      return createStore({ engine: "level", location, identity: whose });
    },
    read: () =>
      withLevel(async (level) => {
        const entries = await level.iterator().all();
        return new Map(entries.map(([key, value]) => [Buffer.from(key).toString("latin1"), value]));
      }),
    write: (key, value) =>
      withLevel(async (level) => {
        const name = Buffer.from(key, "latin1");
        await (value === undefined ? level.del(name) : level.put(name, value));
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
