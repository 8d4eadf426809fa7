/** Counters of the protocol as distinct types, so that a view is never passed as a height. */
import { assert } from "./assert.ts";

declare const brand: unique symbol;
type Counter<Name extends string> = number & { readonly [brand]: Name };

/** Place in the finalized chain; the genesis is 0. */
export type Height = Counter<"Height">;
/** One leader's turn; the genesis is 0, voting starts at 1. */
export type View = Counter<"View">;
/** A period with one validator set; the first is 1. */
export type Epoch = Counter<"Epoch">;
/** Position of a validator in genesis order, from 0. */
export type ValidatorIndex = Counter<"ValidatorIndex">;

function counter(value: number, name: string): number {
  assert(Number.isSafeInteger(value) && value >= 0, `${name} is not a safe non-negative integer`);
  return value;
}

export function height(value: number): Height {
  return counter(value, "height") as Height;
}

export function view(value: number): View {
  return counter(value, "view") as View;
}

export function epoch(value: number): Epoch {
  return counter(value, "epoch") as Epoch;
}

export function validatorIndex(value: number): ValidatorIndex {
  return counter(value, "validator index") as ValidatorIndex;
}
