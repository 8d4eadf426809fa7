/**
 * The ids that final blocks have used, by operation key, with their deadlines. Nearly all are of transfers, in the scope of a
 * wallet: these are 32 bytes each in flat tables. The few others, in the scope of an author, are kept as text.
 */

import type { Bytes } from "../primitives/bytes.ts";
import { DeadlineTable } from "../primitives/deadline-table.ts";
import type { Hash } from "../primitives/hash.ts";
import { UUID_LENGTH, UUID_TEXT_LENGTH, unpackUuid } from "../primitives/ids.ts";
import { TabulationHash } from "../primitives/tabulation-hash.ts";

/** A power of two: of a million ids, a shard has four thousand, and doubles within a millisecond. */
const SHARDS = 256;
const SHARD_SHIFT = 24;
const KEY_LENGTH = 2 * UUID_LENGTH;
const KEY_TEXT_LENGTH = 2 * UUID_TEXT_LENGTH + 1;
const BUCKET_MS = 1000;

export class IdTable {
  readonly #hash: TabulationHash;
  readonly #shards: readonly DeadlineTable[];
  readonly #others = new Map<string, number>();
  /** Of `others`, by the second of their deadline. */
  readonly #otherBuckets = new Map<number, string[]>();
  /** The last key that was looked up. */
  readonly #key = new Uint8Array(KEY_LENGTH);
  #nextShard = 0;

  constructor(hash: Hash, seed: Uint8Array) {
    this.#hash = new TabulationHash(hash, seed, KEY_LENGTH);
    this.#shards = Array.from({ length: SHARDS }, () => new DeadlineTable(this.#hash));
  }

  get size(): number {
    return this.#shards.reduce((sum, { size }) => sum + size, this.#others.size);
  }

  /** Milliseconds; undefined for an id that is not in use, or whose use was forgotten. */
  deadlineOf(key: string): number | undefined {
    if (!this.#unpack(key)) return this.#others.get(key);
    const mixed = this.#hash.of(this.#key);
    return this.#shards[mixed >>> SHARD_SHIFT]?.get(this.#key, mixed);
  }

  /** `key`: as text, or the 32 bytes of one in the scope of a wallet. */
  set(key: string | Bytes, deadline: number): void {
    if (typeof key !== "string" || this.#unpack(key)) {
      const packed = typeof key === "string" ? this.#key : key;
      const mixed = this.#hash.of(packed);
      this.#shards[mixed >>> SHARD_SHIFT]?.set(packed, mixed, deadline);
      return;
    }
    this.#others.set(key, deadline);
    const second = Math.floor(deadline / BUCKET_MS);
    const bucket = this.#otherBuckets.get(second);
    if (bucket === undefined) this.#otherBuckets.set(second, [key]);
    else bucket.push(key);
  }

  /**
   * Forgets ids with deadlines before `earliest`, a whole second of them at a time, at most `max` in all: all ids of an hour may have one
   * deadline. Those that stay are as good as forgotten, because who asks names the earliest deadline that counts.
   */
  forget(earliest: number, max: number): void {
    let left = max - this.#forgetOthers(earliest, max);
    for (let i = 0; i < SHARDS && left > 0; i++) {
      left -= this.#shards[this.#nextShard]?.forget(earliest, left) ?? 0;
      // The shard that used up the limit goes on with the next call.
      if (left > 0) this.#nextShard = (this.#nextShard + 1) % SHARDS;
    }
  }

  #forgetOthers(earliest: number, max: number): number {
    let looked = 0;
    for (const [second, keys] of this.#otherBuckets) {
      if (looked >= max) break;
      if ((second + 1) * BUCKET_MS > earliest) continue;
      for (; looked < max; looked++) {
        const key = keys.pop();
        if (key === undefined) break;
        // A key used again after its first window is in two seconds; the later one removes it.
        if ((this.#others.get(key) ?? earliest) < earliest) this.#others.delete(key);
      }
      if (keys.length === 0) this.#otherBuckets.delete(second);
    }
    return looked;
  }

  /** Writes a key of the form "wallet id/id" into `#key`; false if it has another. */
  #unpack(key: string): boolean {
    if (key.length !== KEY_TEXT_LENGTH) return false;
    unpackUuid(this.#key, 0, key);
    unpackUuid(this.#key, UUID_LENGTH, key, UUID_TEXT_LENGTH + 1);
    return true;
  }
}
