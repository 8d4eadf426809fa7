/** Amounts with their currency, as people write and read them: "0.25 EUR" is 25 minor units of an asset of scale 2. */
import { type Amount } from "../primitives/amount.ts";
import type { Genesis } from "./genesis.ts";
export interface Money {
    /** Code of an asset of the genesis. */
    readonly asset: string;
    readonly amount: Amount;
}
/** Why a text is no amount, as a clause that follows it. */
export declare class MoneyProblem extends Error {
    readonly name = "MoneyProblem";
}
/**
 * Reads "0.25 EUR". Missing digits behind the point are zeros; more than the asset has are a problem, never rounded. Signs,
 * commas and separators of thousands are not read: they mean different things to different people.
 */
export declare function parseMoney({ assets }: Pick<Genesis, "assets">, text: string): Money | MoneyProblem;
/** "12.50 EUR", by the scale of the asset. */
export declare function formatMoney(network: Pick<Genesis, "assets">, code: string, minor: bigint): string;
/** "12.50", by the scale of the asset; undefined if the network does not have it. */
export declare function formatDecimal({ assets }: Pick<Genesis, "assets">, code: string, minor: bigint): string | undefined;
