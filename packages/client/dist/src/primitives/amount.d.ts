declare const brand: unique symbol;
/** Minor units of one asset, 0 to 2^64 - 1. */
export type Amount = bigint & {
    readonly [brand]: "Amount";
};
export declare const AMOUNT_MAX: bigint;
/** Brands a value that is known to be in range; any other value is a broken invariant. */
export declare function amount(value: bigint): Amount;
/** Reads decimal digits without sign, leading zero, fraction or exponent; undefined for anything else. */
export declare function parseAmount(text: string): Amount | undefined;
export declare function addAmounts(left: Amount, right: Amount): Amount | "overflow";
export {};
