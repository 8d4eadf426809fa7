/** Wallet creations: a new wallet, with new money by an issuer or without money by its own key. */
import { type Amount } from "../amount.ts";
import type { Hash } from "../hash.ts";
import { type NetworkId, type WalletId } from "../ids.ts";
import { type PublicKey } from "../signature.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";
export interface WalletCreation extends CommonFields {
    readonly kind: "walletCreation";
    /** The new wallet's key; the wallet id is derived from it and from the operation's id (the creation id). */
    readonly publicKey: PublicKey;
    /** Code of an asset in the genesis. */
    readonly asset: string;
    /** Created money; absent for zero. With it the author is an issuer, without it the wallet's own key. */
    readonly initialBalance?: Amount | undefined;
}
export declare const WALLET_CREATION: OperationEncoding<WalletCreation>;
/** The id of the wallet that this operation creates (L5). */
export declare function createdWalletId({ hash, networkId }: {
    readonly hash: Hash;
    readonly networkId: NetworkId;
}, { publicKey, id: creationId }: Pick<WalletCreation, "publicKey" | "id">): WalletId;
