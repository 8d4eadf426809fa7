/** Money: unsigned 64-bit minor units with checked arithmetic only. */
import { assert } from "./assert.js";
export const AMOUNT_MAX = (1n << 64n) - 1n;
/** Brands a value that is known to be in range; any other value is a broken invariant. */
export function amount(value) {
    assert(value >= 0n && value <= AMOUNT_MAX, "amount outside 0..2^64-1");
    return value;
}
/** Reads decimal digits without sign, leading zero, fraction or exponent; undefined for anything else. */
export function parseAmount(text) {
    if (!/^(0|[1-9][0-9]{0,19})$/.test(text))
        return undefined;
    const value = BigInt(text);
    return value > AMOUNT_MAX ? undefined : value;
}
export function addAmounts(left, right) {
    const sum = left + right;
    return sum > AMOUNT_MAX ? "overflow" : sum;
}
