/**
 * The operation ids that a branch has used and whose window has not ended. Immutable and structure-sharing, so that
 * every branch has its own. Not part of the state root, because they follow from the bodies of recent blocks (L7).
 */
import { PersistentMap } from "../primitives/persistent-map.ts";

/** Ids are forgotten by the second of their deadline, all of one second at once. */
const BUCKET_MS = 1000;

interface KeyList {
  readonly key: string;
  readonly next: KeyList | undefined;
}

export class UsedIds {
  /** Deadline (`validUntil`) by operation key. */
  readonly #deadlines: PersistentMap<string, number>;
  /** Keys by the bucket of their deadline. */
  readonly #buckets: PersistentMap<number, KeyList>;

  private constructor(
    deadlines: PersistentMap<string, number>,
    buckets: PersistentMap<number, KeyList>,
  ) {
    this.#deadlines = deadlines;
    this.#buckets = buckets;
  }

  static empty(): UsedIds {
    return new UsedIds(PersistentMap.empty(), PersistentMap.empty());
  }

  get size(): number {
    return this.#deadlines.size;
  }

  /** True if an operation with a deadline of `earliest` or later (block time - grace) used `key`. */
  has(key: string, earliest: number): boolean {
    const deadline = this.#deadlines.get(key);
    return deadline !== undefined && deadline >= earliest;
  }

  add(key: string, validUntil: number): UsedIds {
    const bucket = Math.floor(validUntil / BUCKET_MS);
    const list = { key, next: this.#buckets.get(bucket) };
    return new UsedIds(this.#deadlines.set(key, validUntil), this.#buckets.set(bucket, list));
  }

  /**
   * Forgets ids with deadlines before `earliest`, at most `max` of them, the oldest first. `has` ignores those that
   * stay. All ids of an hour may have one deadline, so one block cannot forget them all.
   */
  pruned(earliest: number, max: number = Number.POSITIVE_INFINITY): UsedIds {
    let deadlines = this.#deadlines;
    let buckets = this.#buckets;
    let left = max;
    for (let first = buckets.first(); first !== undefined && left > 0; first = buckets.first()) {
      const [bucket, list] = first;
      if ((bucket + 1) * BUCKET_MS > earliest) break;
      let item: KeyList | undefined = list;
      for (; item !== undefined && left > 0; item = item.next) {
        left -= 1;
        const deadline = deadlines.get(item.key);
        // A key used again after its first window is in two buckets; the later one removes it.
        if (deadline !== undefined && deadline < earliest) deadlines = deadlines.delete(item.key);
      }
      buckets = item === undefined ? buckets.delete(bucket) : buckets.set(bucket, item);
    }
    return buckets === this.#buckets ? this : new UsedIds(deadlines, buckets);
  }
}
