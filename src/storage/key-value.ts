/**
 * The interface between an engine and a store: ordered byte keys and atomic, durable batches. Memory and LevelDB
 * implement it.
 */
import type { Bytes } from "../primitives/bytes.ts";

export type Change =
  | { readonly type: "put"; readonly key: Bytes; readonly value: Bytes }
  | { readonly type: "del"; readonly key: Bytes };

export interface Entry {
  readonly key: Bytes;
  readonly value: Bytes;
}

export interface Range {
  /** Included. */
  readonly from: Bytes;
  /** Not included. */
  readonly below: Bytes;
  readonly reverse?: boolean;
  /** All, if absent. */
  readonly limit?: number;
  /** Larger parts, each of which holds up the process for milliseconds: for a start, when no peer waits for it. */
  readonly isBulk?: boolean;
}

export interface KeyValue {
  /** For small values. Blocks the process for microseconds, or for a disk access if the value is not cached. */
  get(key: Bytes): Bytes | undefined;
  /** For a small value that is seldom there. LevelDB would take many searches by `get` that find nothing for a reason to merge tables. */
  search(key: Bytes): Promise<Bytes | undefined>;
  /** For large values; off the main thread. */
  getLarge(key: Bytes): Promise<Bytes | undefined>;
  /**
   * The entries in the order of keys, over the state at the first step, many at once: of a walk over a million small ones, a
   * step for each would cost more than the entries.
   */
  parts(range: Range): AsyncIterable<readonly Entry[]>;
  /** All or nothing, synced when it settles. The caller waits for it before the next call. */
  write(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

/** The entries one by one. */
export async function* entriesIn(
  keyValue: Pick<KeyValue, "parts">,
  range: Range,
): AsyncGenerator<Entry> {
  for await (const entries of keyValue.parts(range)) {
    for (const entry of entries) yield entry;
  }
}
