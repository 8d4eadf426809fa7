/** Creates and opens stores with a named engine: the only file that knows all engines. */
import { assert } from "../primitives/assert.ts";
import { BATCH_BYTES_MIN, BATCH_NUMBERS_KEPT } from "./batch-numbers.ts";
import type { Store, StoreIdentity } from "./contracts.ts";
import type { Entry } from "./key-value.ts";
import { levelEngine } from "./level-engine.ts";
import type { Upgrade } from "./migration.ts";
import { openStoreOn } from "./open-store.ts";
import { fillRestored, type RestoreOptions } from "./restored-store.ts";
import {
  STORE_OPEN_FILES_MAX,
  type StoreEngine,
  type StoreEngineName,
  type StoreSpace,
} from "./store-engine.ts";

const ENGINES: Readonly<Record<StoreEngineName, StoreEngine>> = { level: levelEngine };

for (const [name, { logBytesMax }] of Object.entries(ENGINES)) {
  const batches = logBytesMax / BATCH_BYTES_MIN;
  assert(batches <= BATCH_NUMBERS_KEPT, `batch numbers cover the log of engine ${name}`);
}

export interface StorePlace {
  readonly engine: StoreEngineName;
  /** The store's own folder; nothing else may be in it. */
  readonly location: string;
  readonly identity: StoreIdentity;
}

/** Creates a store in a folder that does not exist or is empty. */
export async function createStore({ engine, location, identity }: StorePlace): Promise<Store> {
  const keyValue = await ENGINES[engine].create(location);
  return openStoreOn(keyValue, { identity, create: true, place: location });
}

/** Creates a store with the records of a backup in a folder that does not exist or is empty, and closes it. */
export async function createRestoredStore(
  { engine, location }: Pick<StorePlace, "engine" | "location">,
  entries: AsyncIterable<Entry>,
  options: RestoreOptions,
): Promise<void> {
  await fillRestored(await ENGINES[engine].create(location), entries, options);
}

export interface OpenStoreOptions {
  readonly openFilesMax?: number;
  /** Absent: a store of an older layout is refused, and nothing is written. */
  readonly upgrade?: Upgrade;
}

/** Opens an existing store. */
export async function openStore(
  { engine, location, identity }: StorePlace,
  { openFilesMax = STORE_OPEN_FILES_MAX, upgrade }: OpenStoreOptions = {},
): Promise<Store> {
  const keyValue = await ENGINES[engine].open(location, { openFilesMax });
  const space = () => ENGINES[engine].space(location);
  return openStoreOn(keyValue, { identity, create: false, place: location, upgrade, space });
}

/** Bytes of the store and of its disk. */
export function storeSpace({
  engine,
  location,
}: Pick<StorePlace, "engine" | "location">): Promise<StoreSpace> {
  return ENGINES[engine].space(location);
}

/** False if there is nothing, or an empty folder, in the store's place. */
export function storeExists({ engine, location }: StorePlace): Promise<boolean> {
  return ENGINES[engine].exists(location);
}
