/** A storage engine: a database of ordered byte keys in a folder of its own, chosen by name. */
import type { KeyValue } from "./key-value.ts";

/** Every engine of this version; its name stands in the configuration and in the data folder's marker. */
export const STORE_ENGINES = ["level"] as const;
export type StoreEngineName = (typeof STORE_ENGINES)[number];

export const DEFAULT_STORE_ENGINE: StoreEngineName = "level";

/** Files that an engine holds open, unless told to hold fewer. */
export const STORE_OPEN_FILES_MAX = 1_000;

export interface StoreEngine {
  /** The most bytes of batches that lie in the engine's log alone: batch-numbers.ts must notice their loss. */
  readonly logBytesMax: number;
  /** Creates an empty database in a folder that does not exist or is empty. Its names are synced. */
  create(location: string): Promise<KeyValue>;
  /** Opens a database that was created before, and locks it; one that is gone is never silently made anew. */
  open(location: string, options: { readonly openFilesMax: number }): Promise<KeyValue>;
  /** False if nothing, or an empty folder, is at `location`: anything else must open, or stays. */
  exists(location: string): Promise<boolean>;
  space(location: string): Promise<StoreSpace>;
}

export interface StoreSpace {
  /** Bytes of the database on its disk. */
  readonly used: number;
  /** Bytes of that disk that this process may still use. */
  readonly free: number;
}

/** The engine of this name; undefined if this version has none. */
export function engineNamed(name: string): StoreEngineName | undefined {
  return STORE_ENGINES.find((known) => known === name);
}
