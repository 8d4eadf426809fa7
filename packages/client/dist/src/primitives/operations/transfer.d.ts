/** Transfers: a wallet pays another wallet of the same asset. */
import { type Amount } from "../amount.ts";
import { type WalletId } from "../ids.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";
export interface Transfer extends CommonFields {
    readonly kind: "transfer";
    readonly from: WalletId;
    readonly to: WalletId;
    /** Code of an asset in the genesis, that of both wallets; `amount` counts its minor units. */
    readonly asset: string;
    readonly amount: Amount;
    /** Free text of the payer, at most `LIMITS.referenceLengthMax` bytes of UTF-8. */
    readonly reference?: string | undefined;
}
export declare const TRANSFER: OperationEncoding<Transfer>;
