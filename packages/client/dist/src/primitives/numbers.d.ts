declare const brand: unique symbol;
type Counter<Name extends string> = number & {
    readonly [brand]: Name;
};
/** Place in the finalized chain; the genesis is 0. */
export type Height = Counter<"Height">;
/** One leader's turn; the genesis is 0, voting starts at 1. */
export type View = Counter<"View">;
/** A period with one validator set; the first is 1. */
export type Epoch = Counter<"Epoch">;
/** Position of a validator in genesis order, from 0. */
export type ValidatorIndex = Counter<"ValidatorIndex">;
export declare function height(value: number): Height;
export declare function view(value: number): View;
export declare function epoch(value: number): Epoch;
export declare function validatorIndex(value: number): ValidatorIndex;
export {};
