/**
 * Values that were used lately, each kept for the object it belongs to: a table with one place for each slot, in which a
 * newer value takes the place of an older one. It bounds memory, costs no order of use, and never gives another object's value.
 */
import { LIMITS } from "./limits.ts";

/** A power of two, so that a slot is chosen by the low bits of a number. */
const PLACES = LIMITS.recentValuesMax;

export class RecentValues<Owner extends object, Value> {
  readonly #owners: (Owner | undefined)[] = [];
  readonly #values: (Value | undefined)[] = [];

  /** The value kept for this very object. `slot` is any non-negative integer, always the same for one object. */
  of(slot: number, owner: Owner): Value | undefined {
    const place = slot & (PLACES - 1);
    return this.#owners[place] === owner ? this.#values[place] : undefined;
  }

  keep(slot: number, owner: Owner, value: Value): void {
    const place = slot & (PLACES - 1);
    this.#owners[place] = owner;
    this.#values[place] = value;
  }
}
