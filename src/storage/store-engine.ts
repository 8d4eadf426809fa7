/** A storage engine: a database of ordered byte keys in its own folder, chosen by name. */
import type { KeyValue } from "./key-value.ts";

/** Every engine of this version; configuration and data folder use these names. */
export const STORE_ENGINES = ["level"] as const;
export type StoreEngineName = (typeof STORE_ENGINES)[number];

export const DEFAULT_STORE_ENGINE: StoreEngineName = "level";

/** Files that an engine holds open, unless told to hold fewer. */
export const STORE_OPEN_FILES_MAX = 1_000;

export interface StoreEngine {
  /** The largest size of the batches that are only in the engine's log: batch-numbers.ts must notice their loss. */
  readonly logBytesMax: number;
  /** Creates an empty database in a folder that does not exist or is empty. Its names are synced. */
  create(location: string): Promise<KeyValue>;
  /** Opens an existing database and locks it. A missing one is never silently made anew. */
  open(location: string, options: { readonly openFilesMax: number }): Promise<KeyValue>;
  /** False if there is nothing, or an empty folder, at `location`. Anything else must open, and is never removed. */
  exists(location: string): Promise<boolean>;
  space(location: string): Promise<StoreSpace>;
}

export interface StoreSpace {
  /** Bytes of the database on its disk. */
  readonly used: number;
  /** Bytes of that disk that this process may use. */
  readonly free: number;
}

/** The engine of this name; undefined if this version has none. */
export function engineNamed(name: string): StoreEngineName | undefined {
  return STORE_ENGINES.find((known) => known === name);
}
