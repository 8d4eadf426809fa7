/**
 * Values that were used lately, each kept under its key with a digest that commits to it: a table with one place for each slot,
 * in which a newer value takes the place of an older one. It bounds memory, costs no order of use, and never gives another value
 * than the one that the digest commits to.
 */
import type { Bytes } from "./bytes.ts";
import { DIGEST_LENGTH } from "./hash.ts";
import { LIMITS } from "./limits.ts";

/** A power of two, so that a slot is chosen by the low bits of a number. */
const PLACES = LIMITS.recentValuesMax;

export class RecentValues<Value> {
  readonly #values: (Value | undefined)[] = [];
  /** Of the places, joined; made when the first value is kept. */
  #digests: Bytes | undefined;

  /** The value that the digest at `at` of `bytes` commits to. `slot` is any non-negative integer, always the same for one key. */
  of(slot: number, bytes: Bytes, at: number): Value | undefined {
    const place = slot & (PLACES - 1);
    const digests = this.#digests;
    if (digests === undefined) return undefined;
    for (let i = 0; i < DIGEST_LENGTH; i++) {
      if (digests[place * DIGEST_LENGTH + i] !== bytes[at + i]) return undefined;
    }
    return this.#values[place];
  }

  keep(slot: number, bytes: Bytes, at: number, value: Value): void {
    const place = slot & (PLACES - 1);
    this.#digests ??= new Uint8Array(PLACES * DIGEST_LENGTH);
    this.#digests.set(bytes.subarray(at, at + DIGEST_LENGTH), place * DIGEST_LENGTH);
    this.#values[place] = value;
  }
}
