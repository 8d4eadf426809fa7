/** Money: unsigned 64-bit minor units with checked arithmetic only. */
import { assert } from "./assert.ts";

declare const brand: unique symbol;
/** Minor units of one asset, 0 to 2^64 - 1. */
export type Amount = bigint & { readonly [brand]: "Amount" };

export const AMOUNT_MAX = (1n << 64n) - 1n;

/** Brands a value that is known to be in range; any other value is a broken invariant. */
export function amount(value: bigint): Amount {
  assert(value >= 0n && value <= AMOUNT_MAX, "amount outside 0..2^64-1");
  return value as Amount;
}

/** Reads decimal digits without sign, leading zero, fraction or exponent; undefined for anything else. */
export function parseAmount(text: string): Amount | undefined {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > AMOUNT_MAX ? undefined : (value as Amount);
}

export function addAmounts(left: Amount, right: Amount): Amount | "overflow" {
  const sum = left + right;
  return sum > AMOUNT_MAX ? "overflow" : (sum as Amount);
}
