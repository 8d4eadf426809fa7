/**
 * A flat table from keys of fixed length to deadlines, without an object for an entry: open addressing with linear probing over
 * entries in typed arrays. It forgets entries by the second of their deadline. Its growth takes time for all its entries, so who
 * holds many divides them among tables.
 */
import { assert } from "./assert.ts";
import type { TabulationHash } from "./tabulation-hash.ts";

/** Entries are forgotten by the second of their deadline. */
const BUCKET_MS = 1000;
const ENTRIES_MIN = 16;
/** The room for entries grows by this factor when it is full: little of it is empty. */
const GROWTH = 1.25;
/** The part of the slots that may be taken. */
const LOAD_MAX = 0.75;
const NONE = -1;

export class DeadlineTable {
  readonly #hash: TabulationHash;
  /** Places of entries, NONE in a free slot. Their number is a power of two. */
  #slots = new Int32Array(2 * ENTRIES_MIN).fill(NONE);
  #keys: Uint8Array;
  /** Whole seconds and the rest in milliseconds: six bytes in place of eight. */
  #seconds = new Uint32Array(ENTRIES_MIN);
  #millis = new Uint16Array(ENTRIES_MIN);
  /** The next entry of the same second, or the next free one. */
  #next = new Int32Array(ENTRIES_MIN);
  /** The first entry of each second. */
  readonly #buckets = new Map<number, number>();
  /** No bucket is of a second before this one. */
  #firstSecond = Number.POSITIVE_INFINITY;
  #free = NONE;
  /** Places that were ever used; none above has an entry. */
  #used = 0;
  #size = 0;

  constructor(hash: TabulationHash) {
    this.#hash = hash;
    this.#keys = new Uint8Array(ENTRIES_MIN * hash.keyLength);
  }

  get size(): number {
    return this.#size;
  }

  /** The deadline of `key`, milliseconds; undefined if it has none. `mixed` is its hash. */
  get(key: Uint8Array, mixed: number): number | undefined {
    const entry = this.#slots[this.#slotOf(key, mixed)] ?? NONE;
    return entry === NONE ? undefined : this.#deadlineOf(entry);
  }

  /** Gives `key` this deadline, a whole number of milliseconds, in place of an earlier one. */
  set(key: Uint8Array, mixed: number, deadline: number): void {
    const slot = this.#slotOf(key, mixed);
    const held = this.#slots[slot] ?? NONE;
    if (held !== NONE) {
      // It stays where the second of its first deadline is forgotten, and moves on from there.
      this.#setDeadline(held, deadline);
      return;
    }
    const entry = this.#newEntry();
    this.#keys.set(key, entry * this.#hash.keyLength);
    this.#setDeadline(entry, deadline);
    this.#enter(entry);
    this.#slots[slot] = entry;
    this.#size += 1;
    if (this.#size > LOAD_MAX * this.#slots.length) this.#spread();
  }

  /** Forgets at most `max` entries whose second was over before `earliest`; returns how many it looked at. */
  forget(earliest: number, max: number): number {
    const end = Math.floor(earliest / BUCKET_MS);
    let looked = 0;
    for (const second of this.#secondsBefore(end)) {
      if (looked >= max) return looked;
      let entry = this.#buckets.get(second) ?? NONE;
      for (; entry !== NONE && looked < max; looked++) {
        const next = this.#next[entry] ?? NONE;
        if (this.#deadlineOf(entry) < earliest) this.#remove(entry);
        else this.#enter(entry);
        entry = next;
      }
      if (entry !== NONE) {
        this.#buckets.set(second, entry);
        return looked;
      }
      this.#buckets.delete(second);
    }
    this.#firstSecond = Math.max(this.#firstSecond, end);
    return looked;
  }

  /**
   * The seconds before `end` that may have entries. Each block asks, mostly for none or one of thousands, so what is not due costs
   * nothing.
   */
  #secondsBefore(end: number): Iterable<number> {
    const first = this.#firstSecond;
    if (first >= end || this.#buckets.size === 0) return [];
    if (end - first > this.#buckets.size) return this.#buckets.keys().filter((one) => one < end);
    return Array.from({ length: end - first }, (_, i) => first + i);
  }

  #deadlineOf(entry: number): number {
    return (this.#seconds[entry] ?? 0) * BUCKET_MS + (this.#millis[entry] ?? 0);
  }

  #setDeadline(entry: number, deadline: number): void {
    const second = Math.floor(deadline / BUCKET_MS);
    assert(second >= 0 && second <= 0xffff_ffff, "a deadline of this or the next century");
    this.#seconds[entry] = second;
    this.#millis[entry] = deadline - second * BUCKET_MS;
  }

  /** Into the list of its second. */
  #enter(entry: number): void {
    const second = this.#seconds[entry] ?? 0;
    this.#next[entry] = this.#buckets.get(second) ?? NONE;
    this.#buckets.set(second, entry);
    this.#firstSecond = Math.min(this.#firstSecond, second);
  }

  /** The slot of the key, or the free one where it belongs. */
  #slotOf(key: Uint8Array, mixed: number): number {
    const mask = this.#slots.length - 1;
    let slot = mixed & mask;
    for (let entry = this.#slots[slot] ?? NONE; entry !== NONE; entry = this.#slots[slot] ?? NONE) {
      if (this.#isKeyOf(entry, key)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isKeyOf(entry: number, key: Uint8Array): boolean {
    const { keyLength } = this.#hash;
    const at = entry * keyLength;
    for (let i = 0; i < keyLength; i++) if (this.#keys[at + i] !== key[i]) return false;
    return true;
  }

  #mixedOf(entry: number): number {
    return this.#hash.of(this.#keys, entry * this.#hash.keyLength);
  }

  #newEntry(): number {
    if (this.#free !== NONE) {
      const entry = this.#free;
      this.#free = this.#next[entry] ?? NONE;
      return entry;
    }
    const room = this.#next.length;
    if (this.#used === room) this.#grow(Math.ceil(room * GROWTH));
    return this.#used++;
  }

  #grow(room: number): void {
    const keys = new Uint8Array(room * this.#hash.keyLength);
    const [seconds, millis, next] = [
      new Uint32Array(room),
      new Uint16Array(room),
      new Int32Array(room),
    ];
    keys.set(this.#keys);
    seconds.set(this.#seconds);
    millis.set(this.#millis);
    next.set(this.#next);
    [this.#keys, this.#seconds, this.#millis, this.#next] = [keys, seconds, millis, next];
  }

  /** Twice as many slots. */
  #spread(): void {
    const old = this.#slots;
    const slots = new Int32Array(2 * old.length).fill(NONE);
    const mask = slots.length - 1;
    for (const entry of old) {
      if (entry === NONE) continue;
      let slot = this.#mixedOf(entry) & mask;
      while (slots[slot] !== NONE) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
  }

  /** Closes the gap by moving back those behind it that a look-up would no longer find (Knuth, TAOCP 3, 6.4, algorithm R). */
  #remove(entry: number): void {
    const mask = this.#slots.length - 1;
    let gap = this.#mixedOf(entry) & mask;
    while (this.#slots[gap] !== entry) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; ; slot = (slot + 1) & mask) {
      const other = this.#slots[slot] ?? NONE;
      if (other === NONE) break;
      const home = this.#mixedOf(other) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      this.#slots[gap] = other;
      gap = slot;
    }
    this.#slots[gap] = NONE;
    this.#next[entry] = this.#free;
    this.#free = entry;
    this.#size -= 1;
  }
}
