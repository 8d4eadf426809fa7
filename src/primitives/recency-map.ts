/** A map that knows the order in which its entries were last used, for caches that drop the least recent one (LRU). */

export class RecencyMap<Key, Value> {
  /** Ordered by last use; the most recent entry is last. */
  readonly #entries = new Map<Key, Value>();

  get size(): number {
    return this.#entries.size;
  }

  /** Does not use the entry. */
  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** Uses the entry. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  /** Uses the entry. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }

  /** Uses the entry; of more than `max` entries, drops those that were used longest ago. */
  remember(key: Key, value: Value, max: number): void {
    this.set(key, value);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= max) return;
      this.#entries.delete(oldest);
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** From the least recently used entry on; entries may be deleted meanwhile. */
  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }
}
