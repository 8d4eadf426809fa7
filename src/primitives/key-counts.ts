/** Counts by key. A key with count 0 takes no memory. */

export class KeyCounts<Key> {
  readonly #counts = new Map<Key, number>();
  #total = 0;

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Number of keys with a count. */
  get size(): number {
    return this.#counts.size;
  }

  /** Of all keys together. */
  get total(): number {
    return this.#total;
  }

  /** Adds `amount`, which may be negative. */
  add(key: Key, amount = 1): void {
    const count = this.of(key) + amount;
    this.#total += amount;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }

  /** Adds one. If `key` has `max` already, returns false and counts nothing. */
  addBelow(max: number, key: Key): boolean {
    if (this.of(key) >= max) return false;
    this.add(key);
    return true;
  }

  [Symbol.iterator](): IterableIterator<[Key, number]> {
    return this.#counts.entries();
  }
}
