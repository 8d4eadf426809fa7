import { type CancelTransactionRequest, type TransactionRequest, type WalletCreationRequest } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import { type NetworkId, type OperationId, type WalletId } from "../primitives/ids.ts";
import type { PublicKey, SigningKey } from "../primitives/signature.ts";
export interface WalletParts {
    readonly networkId: NetworkId;
    readonly hash: Hash;
    readonly key: SigningKey;
    /** Chosen once for this wallet; with the key it gives the wallet's id. */
    readonly creationId: OperationId;
}
export interface CreationTerms {
    /** Code of an asset of the genesis. */
    readonly asset: string;
    /** Milliseconds since the epoch: the last block time at which the wallet may be created. */
    readonly validUntil: number;
}
export interface TransferTerms {
    /** Chosen by the payer, once for each payment: the same id again is the same payment, never a second one. */
    readonly id: OperationId;
    readonly to: WalletId;
    /** Code of an asset of the genesis: that of both wallets. */
    readonly asset: string;
    /** Minor units of the asset, at least 1. */
    readonly amount: Amount;
    /** Milliseconds since the epoch: the last block time at which it may be applied. */
    readonly validUntil: number;
    /** At most `LIMITS.referenceLengthMax` bytes of UTF-8. */
    readonly reference?: string | undefined;
}
export interface CancellationTerms {
    /** That of the payment. */
    readonly id: OperationId;
    /** Milliseconds since the epoch; not before the payment's, or it proves nothing (L28). */
    readonly validUntil: number;
}
export interface ReadTerms {
    /** The id in the genesis of the node that is asked. */
    readonly node: string;
    /** Full name of the call: one of `SIGNED_READS` of access/call-scopes.ts. */
    readonly call: string;
    /** The body of the request exactly as it is sent. */
    readonly body: Bytes;
    /** Milliseconds since the epoch: the present. The node takes it within a minute. */
    readonly signedAt: number;
}
/**
 * Each request holds everything that is signed, so it can be sent to any gateway, and again after a lost answer. No
 * matter which gateway orders it, there is one result.
 */
export declare class Wallet {
    #private;
    readonly id: WalletId;
    readonly publicKey: PublicKey;
    constructor(parts: WalletParts);
    /** Chosen once for this wallet; with the key it gives the wallet's id. */
    get creationId(): OperationId;
    /** Creates the wallet without money; the gateway that takes the request sponsors it. */
    create(terms: CreationTerms): WalletCreationRequest;
    /** Creates the wallet with new money: it needs only the signature of an issuer of the genesis. */
    createIssued(terms: CreationTerms & {
        readonly initialBalance: Amount;
    }, issuer: SigningKey): WalletCreationRequest;
    /** Pays from this wallet. */
    transfer(terms: TransferTerms): TransactionRequest;
    /** Takes the id of a payment of this wallet, so that it is never made, unless it was ordered before. */
    cancellation({ id, validUntil }: CancellationTerms): CancelTransactionRequest;
    /** The same payment as one text of bytes, signature included, as streams take it (submit-transactions.ts). */
    transferBytes(terms: TransferTerms): Bytes;
    /** The header `authorization` of one request that reads this wallet, for a node with access control. */
    signRead({ node, call, body, signedAt }: ReadTerms): string;
}
