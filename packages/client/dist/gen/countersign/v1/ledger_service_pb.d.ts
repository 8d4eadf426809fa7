import type { GenEnum, GenFile, GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import type { Cancellation, ErrorDetail, Header, KeyCertificate, Receipt, Result, SealedHeader, Transfer, Unsealed, Wait, Wallet } from "./types_pb.ts";
import type { Message, UnknownEnum } from "@bufbuild/protobuf";
/**
 * Describes the file countersign/v1/ledger_service.proto.
 */
export declare const file_countersign_v1_ledger_service: GenFile;
/**
 * @generated from message countersign.v1.WalletCreationRequest
 */
export type WalletCreationRequest = Message<"countersign.v1.WalletCreationRequest"> & {
    /**
     * Money to create with the wallet, in minor units; 0 for none. If it is above 0, the author must be an issuer.
     *
     * @generated from field: uint64 initial_balance = 1;
     */
    initialBalance: bigint;
    /**
     * Id of this creation; the wallet's id is derived from it and the key. Empty: the gateway chooses an id, and
     * repeating the request creates another wallet.
     *
     * @generated from field: string creation_id = 2;
     */
    creationId: string;
    /**
     * Code of an asset of the network. Empty, if the gateway signs: the first asset of the genesis.
     *
     * @generated from field: string asset = 3;
     */
    asset: string;
    /**
     * Key of a wallet that its owner keeps. Empty: the gateway keeps the key.
     *
     * @generated from field: bytes public_key = 4;
     */
    publicKey: Uint8Array;
    /**
     * The last block time at which the creation may be applied. 0, if the gateway signs: the gateway chooses.
     *
     * @generated from field: uint64 valid_until = 5;
     */
    validUntil: bigint;
    /**
     * Key of the issuer that made `signature`. Empty: the author is the wallet's own key. With a balance and without a
     * signature, the gateway signs as issuer if the caller may issue.
     *
     * @generated from field: bytes issuer = 6;
     */
    issuer: Uint8Array;
    /**
     * The author's signature over the canonical creation (docs/signing.md). A signed request must give `creation_id`,
     * `asset`, `public_key` and `valid_until`. Empty: the gateway signs.
     *
     * @generated from field: bytes signature = 7;
     */
    signature: Uint8Array;
    /**
     * How long to wait for the answer.
     *
     * @generated from field: countersign.v1.Wait wait = 8;
     */
    wait: Wait;
};
/**
 * Describes the message countersign.v1.WalletCreationRequest.
 * Use `create(WalletCreationRequestSchema)` to create a new message.
 */
export declare const WalletCreationRequestSchema: GenMessage<WalletCreationRequest>;
/**
 * @generated from message countersign.v1.WalletCreationResponse
 */
export type WalletCreationResponse = Message<"countersign.v1.WalletCreationResponse"> & {
    /**
     * The wallet as it was just created; absent if the creation was declined.
     *
     * @generated from field: countersign.v1.Wallet wallet = 1;
     */
    wallet?: Wallet | undefined;
    /**
     * The creation as it was ordered, with the fields that the gateway filled in. Repeat exactly this after a lost
     * answer.
     *
     * @generated from field: countersign.v1.WalletCreation creation = 2;
     */
    creation?: WalletCreation | undefined;
    /**
     * Applied, or declined with the reason.
     *
     * @generated from field: countersign.v1.Result result = 3;
     */
    result?: Result | undefined;
    /**
     * Proof of the result.
     *
     * @generated from field: countersign.v1.Receipt receipt = 4;
     */
    receipt?: Receipt | undefined;
    /**
     * Why the receipt carries no seal, though the result is final and stands; absent if it carries one.
     *
     * @generated from field: countersign.v1.Unsealed unsealed = 5;
     */
    unsealed?: Unsealed | undefined;
};
/**
 * Describes the message countersign.v1.WalletCreationResponse.
 * Use `create(WalletCreationResponseSchema)` to create a new message.
 */
export declare const WalletCreationResponseSchema: GenMessage<WalletCreationResponse>;
/**
 * A wallet creation as it was ordered.
 *
 * @generated from message countersign.v1.WalletCreation
 */
export type WalletCreation = Message<"countersign.v1.WalletCreation"> & {
    /**
     * The wallet's id, derived from `public_key` and `creation_id`.
     *
     * @generated from field: string wallet_id = 1;
     */
    walletId: string;
    /**
     * The id of the creation, as the author signed it.
     *
     * @generated from field: string creation_id = 2;
     */
    creationId: string;
    /**
     * Code of the asset it holds.
     *
     * @generated from field: string asset = 3;
     */
    asset: string;
    /**
     * The key that may spend from it.
     *
     * @generated from field: bytes public_key = 4;
     */
    publicKey: Uint8Array;
    /**
     * Minor units created with it.
     *
     * @generated from field: uint64 initial_balance = 5;
     */
    initialBalance: bigint;
    /**
     * The issuer's key if money was created; absent otherwise.
     *
     * @generated from field: optional bytes issuer = 6;
     */
    issuer?: Uint8Array | undefined;
    /**
     * The last block time at which it may be applied.
     *
     * @generated from field: uint64 valid_until = 7;
     */
    validUntil: bigint;
};
/**
 * Describes the message countersign.v1.WalletCreation.
 * Use `create(WalletCreationSchema)` to create a new message.
 */
export declare const WalletCreationSchema: GenMessage<WalletCreation>;
/**
 * @generated from message countersign.v1.TransactionRequest
 */
export type TransactionRequest = Message<"countersign.v1.TransactionRequest"> & {
    /**
     * The transfer to order.
     *
     * @generated from field: countersign.v1.Transfer transaction = 1;
     */
    transaction?: Transfer | undefined;
    /**
     * The paying wallet's signature over the canonical transfer (docs/signing.md). A signed request must give `id`,
     * `asset` and `valid_until`. Empty for a custodial wallet of this gateway.
     *
     * @generated from field: bytes signature = 2;
     */
    signature: Uint8Array;
    /**
     * How long to wait for the answer.
     *
     * @generated from field: countersign.v1.Wait wait = 3;
     */
    wait: Wait;
};
/**
 * Describes the message countersign.v1.TransactionRequest.
 * Use `create(TransactionRequestSchema)` to create a new message.
 */
export declare const TransactionRequestSchema: GenMessage<TransactionRequest>;
/**
 * @generated from message countersign.v1.TransactionResponse
 */
export type TransactionResponse = Message<"countersign.v1.TransactionResponse"> & {
    /**
     * The transfer as it was ordered, with the fields that the gateway filled in. Repeat exactly this after a lost
     * answer.
     *
     * @generated from field: countersign.v1.Transfer transaction = 1;
     */
    transaction?: Transfer | undefined;
    /**
     * Applied, or declined with the reason.
     *
     * @generated from field: countersign.v1.Result result = 2;
     */
    result?: Result | undefined;
    /**
     * Proof of the result.
     *
     * @generated from field: countersign.v1.Receipt receipt = 3;
     */
    receipt?: Receipt | undefined;
    /**
     * Why the receipt carries no seal, though the result is final and stands; absent if it carries one.
     *
     * @generated from field: countersign.v1.Unsealed unsealed = 4;
     */
    unsealed?: Unsealed | undefined;
};
/**
 * Describes the message countersign.v1.TransactionResponse.
 * Use `create(TransactionResponseSchema)` to create a new message.
 */
export declare const TransactionResponseSchema: GenMessage<TransactionResponse>;
/**
 * A signed cancellation.
 *
 * @generated from message countersign.v1.CancelTransactionRequest
 */
export type CancelTransactionRequest = Message<"countersign.v1.CancelTransactionRequest"> & {
    /**
     * The cancellation to order; all its fields are needed.
     *
     * @generated from field: countersign.v1.Cancellation cancellation = 1;
     */
    cancellation?: Cancellation | undefined;
    /**
     * The paying wallet's signature over the canonical cancellation (docs/signing.md).
     *
     * @generated from field: bytes signature = 2;
     */
    signature: Uint8Array;
    /**
     * How long to wait for the answer.
     *
     * @generated from field: countersign.v1.Wait wait = 3;
     */
    wait: Wait;
};
/**
 * Describes the message countersign.v1.CancelTransactionRequest.
 * Use `create(CancelTransactionRequestSchema)` to create a new message.
 */
export declare const CancelTransactionRequestSchema: GenMessage<CancelTransactionRequest>;
/**
 * @generated from message countersign.v1.CancelTransactionResponse
 */
export type CancelTransactionResponse = Message<"countersign.v1.CancelTransactionResponse"> & {
    /**
     * What was ordered under the id.
     *
     * @generated from oneof countersign.v1.CancelTransactionResponse.operation
     */
    operation: {
        /**
         * The payment: it came first, and its result stands.
         *
         * @generated from field: countersign.v1.Transfer transaction = 1;
         */
        value: Transfer;
        case: "transaction";
    } | {
        /**
         * The cancellation came first: the payment is never made.
         *
         * @generated from field: countersign.v1.Cancellation cancellation = 2;
         */
        value: Cancellation;
        case: "cancellation";
    } | {
        case: undefined;
        value?: undefined;
    };
    /**
     * Of the operation that was ordered. A cancellation has the same effect if it is declined, which happens to one that is
     * ordered after its `valid_until`.
     *
     * @generated from field: countersign.v1.Result result = 3;
     */
    result?: Result | undefined;
    /**
     * Proof of the result.
     *
     * @generated from field: countersign.v1.Receipt receipt = 4;
     */
    receipt?: Receipt | undefined;
    /**
     * Why the receipt carries no seal, though the result is final and stands; absent if it carries one.
     *
     * @generated from field: countersign.v1.Unsealed unsealed = 5;
     */
    unsealed?: Unsealed | undefined;
};
/**
 * Describes the message countersign.v1.CancelTransactionResponse.
 * Use `create(CancelTransactionResponseSchema)` to create a new message.
 */
export declare const CancelTransactionResponseSchema: GenMessage<CancelTransactionResponse>;
/**
 * @generated from message countersign.v1.SubmitTransactionsRequest
 */
export type SubmitTransactionsRequest = Message<"countersign.v1.SubmitTransactionsRequest"> & {
    /**
     * At least 1, at most 256.
     *
     * @generated from field: repeated countersign.v1.SubmittedTransfer transfers = 1;
     */
    transfers: SubmittedTransfer[];
    /**
     * How long to wait for the outcome of each of these.
     *
     * @generated from field: countersign.v1.Wait wait = 2;
     */
    wait: Wait;
};
/**
 * Describes the message countersign.v1.SubmitTransactionsRequest.
 * Use `create(SubmitTransactionsRequestSchema)` to create a new message.
 */
export declare const SubmitTransactionsRequestSchema: GenMessage<SubmitTransactionsRequest>;
/**
 * A signed transfer, in the bytes that were signed.
 *
 * @generated from message countersign.v1.SubmittedTransfer
 */
export type SubmittedTransfer = Message<"countersign.v1.SubmittedTransfer"> & {
    /**
     * Chosen by the client; its answer carries it.
     *
     * @generated from field: uint32 number = 1;
     */
    number: number;
    /**
     * The canonical transfer with its signature and without a sponsor (docs/signing.md).
     *
     * @generated from field: bytes operation = 2;
     */
    operation: Uint8Array;
};
/**
 * Describes the message countersign.v1.SubmittedTransfer.
 * Use `create(SubmittedTransferSchema)` to create a new message.
 */
export declare const SubmittedTransferSchema: GenMessage<SubmittedTransfer>;
/**
 * Outcomes of operations that the client sent before, in any order.
 *
 * @generated from message countersign.v1.SubmitTransactionsResponse
 */
export type SubmitTransactionsResponse = Message<"countersign.v1.SubmitTransactionsResponse"> & {
    /**
     * Certified results, all of one block and under `proof`.
     *
     * @generated from field: repeated countersign.v1.SubmittedResult results = 1;
     */
    results: SubmittedResult[];
    /**
     * Present if there are results.
     *
     * @generated from field: countersign.v1.BlockProof proof = 2;
     */
    proof?: BlockProof | undefined;
    /**
     * Why `proof` carries no seal, though the results are final and stand; absent if it carries one.
     *
     * @generated from field: countersign.v1.Unsealed unsealed = 3;
     */
    unsealed?: Unsealed | undefined;
    /**
     * Operations that this gateway did not order, or whose outcome it does not know.
     *
     * @generated from field: repeated countersign.v1.SubmittedRefusal refusals = 4;
     */
    refusals: SubmittedRefusal[];
};
/**
 * Describes the message countersign.v1.SubmitTransactionsResponse.
 * Use `create(SubmitTransactionsResponseSchema)` to create a new message.
 */
export declare const SubmitTransactionsResponseSchema: GenMessage<SubmitTransactionsResponse>;
/**
 * A result with its place. Together with the BlockProof it is a Receipt.
 *
 * @generated from message countersign.v1.SubmittedResult
 */
export type SubmittedResult = Message<"countersign.v1.SubmittedResult"> & {
    /**
     * As the client sent it.
     *
     * @generated from field: uint32 number = 1;
     */
    number: number;
    /**
     * Receipt.leaf: it holds the transfer as it was ordered, its status and its reason.
     *
     * @generated from field: bytes leaf = 2;
     */
    leaf: Uint8Array;
    /**
     * Receipt.index.
     *
     * @generated from field: uint32 index = 3;
     */
    index: number;
    /**
     * Receipt.path.
     *
     * @generated from field: repeated bytes path = 4;
     */
    path: Uint8Array[];
    /**
     * Applied, or declined with the reason; a view of `leaf`.
     *
     * @generated from field: countersign.v1.Result result = 5;
     */
    result?: Result | undefined;
};
/**
 * Describes the message countersign.v1.SubmittedResult.
 * Use `create(SubmittedResultSchema)` to create a new message.
 */
export declare const SubmittedResultSchema: GenMessage<SubmittedResult>;
/**
 * The fields of a Receipt that all results of a block share; each has the meaning it has there.
 *
 * @generated from message countersign.v1.BlockProof
 */
export type BlockProof = Message<"countersign.v1.BlockProof"> & {
    /**
     * Receipt.headers.
     *
     * @generated from field: repeated bytes headers = 1;
     */
    headers: Uint8Array[];
    /**
     * Receipt.sealed_header.
     *
     * @generated from field: countersign.v1.SealedHeader sealed_header = 2;
     */
    sealedHeader?: SealedHeader | undefined;
    /**
     * Receipt.key_certificate.
     *
     * @generated from field: countersign.v1.KeyCertificate key_certificate = 3;
     */
    keyCertificate?: KeyCertificate | undefined;
    /**
     * Receipt.finalization.
     *
     * @generated from field: optional bytes finalization = 4;
     */
    finalization?: Uint8Array | undefined;
    /**
     * Receipt.seal_pending.
     *
     * @generated from field: bool seal_pending = 5;
     */
    sealPending: boolean;
};
/**
 * Describes the message countersign.v1.BlockProof.
 * Use `create(BlockProofSchema)` to create a new message.
 */
export declare const BlockProofSchema: GenMessage<BlockProof>;
/**
 * An operation that was refused. `detail.reason` says what that means, as for a call of Transaction: after
 * OUTCOME_UNKNOWN, SHUTTING_DOWN, CANCELED, DEADLINE_EXCEEDED and INTERNAL the operation may still be ordered.
 *
 * @generated from message countersign.v1.SubmittedRefusal
 */
export type SubmittedRefusal = Message<"countersign.v1.SubmittedRefusal"> & {
    /**
     * As the client sent it.
     *
     * @generated from field: uint32 number = 1;
     */
    number: number;
    /**
     * The fault, for a person.
     *
     * @generated from field: string message = 2;
     */
    message: string;
    /**
     * The reason, and the remedy. `field` names a field of a TransactionRequest.
     *
     * @generated from field: countersign.v1.ErrorDetail detail = 3;
     */
    detail?: ErrorDetail | undefined;
};
/**
 * Describes the message countersign.v1.SubmittedRefusal.
 * Use `create(SubmittedRefusalSchema)` to create a new message.
 */
export declare const SubmittedRefusalSchema: GenMessage<SubmittedRefusal>;
/**
 * @generated from message countersign.v1.GetWalletRequest
 */
export type GetWalletRequest = Message<"countersign.v1.GetWalletRequest"> & {
    /**
     * Id of the wallet.
     *
     * @generated from field: string id = 1;
     */
    id: string;
    /**
     * The lowest height of the state to answer from. A node that has not reached it waits until the call's deadline, then
     * refuses with LAGGING.
     *
     * @generated from field: optional uint64 min_height = 2;
     */
    minHeight?: bigint | undefined;
};
/**
 * Describes the message countersign.v1.GetWalletRequest.
 * Use `create(GetWalletRequestSchema)` to create a new message.
 */
export declare const GetWalletRequestSchema: GenMessage<GetWalletRequest>;
/**
 * @generated from message countersign.v1.GetWalletResponse
 */
export type GetWalletResponse = Message<"countersign.v1.GetWalletResponse"> & {
    /**
     * The wallet as of `height`.
     *
     * @generated from field: countersign.v1.Wallet wallet = 1;
     */
    wallet?: Wallet | undefined;
    /**
     * Height of the finalized state that was read.
     *
     * @generated from field: uint64 height = 2;
     */
    height: bigint;
    /**
     * Block time of that height.
     *
     * @generated from field: uint64 block_time = 3;
     */
    blockTime: bigint;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 4;
     */
    lagging: boolean;
};
/**
 * Describes the message countersign.v1.GetWalletResponse.
 * Use `create(GetWalletResponseSchema)` to create a new message.
 */
export declare const GetWalletResponseSchema: GenMessage<GetWalletResponse>;
/**
 * @generated from message countersign.v1.GetReceiptRequest
 */
export type GetReceiptRequest = Message<"countersign.v1.GetReceiptRequest"> & {
    /**
     * Paying wallet of a transfer; together with `id`.
     *
     * @generated from field: string from = 1;
     */
    from: string;
    /**
     * Id of a transfer, or of the cancellation that took its place; together with `from`.
     *
     * @generated from field: string id = 2;
     */
    id: string;
    /**
     * Id of the wallet whose creation to look up; instead of `from` and `id`.
     *
     * @generated from field: string wallet_id = 3;
     */
    walletId: string;
};
/**
 * Describes the message countersign.v1.GetReceiptRequest.
 * Use `create(GetReceiptRequestSchema)` to create a new message.
 */
export declare const GetReceiptRequestSchema: GenMessage<GetReceiptRequest>;
/**
 * @generated from message countersign.v1.GetReceiptResponse
 */
export type GetReceiptResponse = Message<"countersign.v1.GetReceiptResponse"> & {
    /**
     * The ordered operation.
     *
     * @generated from oneof countersign.v1.GetReceiptResponse.operation
     */
    operation: {
        /**
         * A payment.
         *
         * @generated from field: countersign.v1.Transfer transaction = 1;
         */
        value: Transfer;
        case: "transaction";
    } | {
        /**
         * The creation of a wallet.
         *
         * @generated from field: countersign.v1.WalletCreation creation = 2;
         */
        value: WalletCreation;
        case: "creation";
    } | {
        /**
         * A cancellation: the payment under this id is never made.
         *
         * @generated from field: countersign.v1.Cancellation cancellation = 6;
         */
        value: Cancellation;
        case: "cancellation";
    } | {
        case: undefined;
        value?: undefined;
    };
    /**
     * Applied, or declined with the reason.
     *
     * @generated from field: countersign.v1.Result result = 3;
     */
    result?: Result | undefined;
    /**
     * Proof of the result.
     *
     * @generated from field: countersign.v1.Receipt receipt = 4;
     */
    receipt?: Receipt | undefined;
    /**
     * Why the receipt carries no seal, though the result is final and stands; absent if it carries one.
     *
     * @generated from field: countersign.v1.Unsealed unsealed = 5;
     */
    unsealed?: Unsealed | undefined;
};
/**
 * Describes the message countersign.v1.GetReceiptResponse.
 * Use `create(GetReceiptResponseSchema)` to create a new message.
 */
export declare const GetReceiptResponseSchema: GenMessage<GetReceiptResponse>;
/**
 * One page of the entries of a wallet. Repeat the request with `cursor` for the next page, until an answer has no
 * `next_cursor`. An entry never changes its place: no page misses or repeats one, although new entries become final in
 * between. Every node of the network takes the cursor. docs/reading.md has examples.
 *
 * @generated from message countersign.v1.ListEntriesRequest
 */
export type ListEntriesRequest = Message<"countersign.v1.ListEntriesRequest"> & {
    /**
     * Id of the wallet.
     *
     * @generated from field: string wallet_id = 1;
     */
    walletId: string;
    /**
     * The direction of the list.
     *
     * @generated from field: countersign.v1.ListOrder order = 2;
     */
    order: ListOrder;
    /**
     * The most entries in the answer: 1 to 1,000; 0 for 100.
     *
     * @generated from field: uint32 page_size = 3;
     */
    pageSize: number;
    /**
     * `next_cursor` of the page before; empty for the first page. It belongs to the other fields of the request but
     * `page_size`: with another wallet, order or filter it is refused.
     *
     * @generated from field: string cursor = 4;
     */
    cursor: string;
    /**
     * The lowest height of an entry.
     *
     * @generated from field: optional uint64 from_height = 5;
     */
    fromHeight?: bigint | undefined;
    /**
     * The highest height of an entry.
     *
     * @generated from field: optional uint64 to_height = 6;
     */
    toHeight?: bigint | undefined;
    /**
     * The earliest block time of an entry.
     *
     * @generated from field: optional uint64 from_time = 7;
     */
    fromTime?: bigint | undefined;
    /**
     * The latest block time of an entry.
     *
     * @generated from field: optional uint64 to_time = 8;
     */
    toTime?: bigint | undefined;
    /**
     * The other wallet of an entry: only payments to it and from it. Empty: all entries.
     *
     * @generated from field: string counterparty = 9;
     */
    counterparty: string;
    /**
     * The beginning of the reference of an entry, at most 140 bytes of UTF-8. Empty: all entries.
     *
     * @generated from field: string reference_prefix = 10;
     */
    referencePrefix: string;
};
/**
 * Describes the message countersign.v1.ListEntriesRequest.
 * Use `create(ListEntriesRequestSchema)` to create a new message.
 */
export declare const ListEntriesRequestSchema: GenMessage<ListEntriesRequest>;
/**
 * @generated from message countersign.v1.ListEntriesResponse
 */
export type ListEntriesResponse = Message<"countersign.v1.ListEntriesResponse"> & {
    /**
     * In the order that was asked for. With a filter by counterparty or reference, a page may have fewer entries than asked
     * for, or none, and still a `next_cursor`, because a call reads no more than 4,000 entries.
     *
     * @generated from field: repeated countersign.v1.Entry entries = 1;
     */
    entries: Entry[];
    /**
     * The cursor of the next page; empty if this is the last one. For what becomes final later, ask again from
     * `height` + 1 on.
     *
     * @generated from field: string next_cursor = 2;
     */
    nextCursor: string;
    /**
     * Height of the finalized state that was read: no entry above it is listed.
     *
     * @generated from field: uint64 height = 3;
     */
    height: bigint;
    /**
     * Block time of that height.
     *
     * @generated from field: uint64 block_time = 4;
     */
    blockTime: bigint;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 5;
     */
    lagging: boolean;
    /**
     * The list is complete from this height on: 1, or more while this node fills in the history below the snapshot that
     * it started from. It lists nothing below.
     *
     * @generated from field: uint64 complete_from = 6;
     */
    completeFrom: bigint;
};
/**
 * Describes the message countersign.v1.ListEntriesResponse.
 * Use `create(ListEntriesResponseSchema)` to create a new message.
 */
export declare const ListEntriesResponseSchema: GenMessage<ListEntriesResponse>;
/**
 * One applied operation, as the statement of a wallet shows it.
 *
 * @generated from message countersign.v1.Entry
 */
export type Entry = Message<"countersign.v1.Entry"> & {
    /**
     * Place in the statement of the wallet, from 1, without a gap. The number of the newest entry equals Wallet.entries.
     *
     * @generated from field: uint64 number = 1;
     */
    number: bigint;
    /**
     * What it is.
     *
     * @generated from field: countersign.v1.EntryKind kind = 2;
     */
    kind: EntryKind;
    /**
     * Minor units of `asset`.
     *
     * @generated from field: uint64 amount = 3;
     */
    amount: bigint;
    /**
     * Code of the asset that the wallet holds.
     *
     * @generated from field: string asset = 4;
     */
    asset: string;
    /**
     * Minor units that the wallet held after it.
     *
     * @generated from field: uint64 balance = 5;
     */
    balance: bigint;
    /**
     * The other wallet; empty for a creation.
     *
     * @generated from field: string counterparty = 6;
     */
    counterparty: string;
    /**
     * Free text of the payer; absent if there was none.
     *
     * @generated from field: optional string reference = 7;
     */
    reference?: string | undefined;
    /**
     * Id of the operation, as its author signed it.
     *
     * @generated from field: string id = 8;
     */
    id: string;
    /**
     * Height of its block.
     *
     * @generated from field: uint64 height = 9;
     */
    height: bigint;
    /**
     * Place in its block, from 0.
     *
     * @generated from field: uint32 index = 10;
     */
    index: number;
    /**
     * Block time.
     *
     * @generated from field: uint64 time = 11;
     */
    time: bigint;
    /**
     * The request that gets its receipt, by GetReceipt.
     *
     * @generated from field: countersign.v1.GetReceiptRequest receipt = 12;
     */
    receipt?: GetReceiptRequest | undefined;
};
/**
 * Describes the message countersign.v1.Entry.
 * Use `create(EntrySchema)` to create a new message.
 */
export declare const EntrySchema: GenMessage<Entry>;
/**
 * One page of the blocks of the chain. Repeat the request with `cursor` for the next page, until an answer has no
 * `next_cursor`. No page misses or repeats a block, although new ones become final in between. Every node of the network
 * takes the cursor.
 *
 * @generated from message countersign.v1.ListBlocksRequest
 */
export type ListBlocksRequest = Message<"countersign.v1.ListBlocksRequest"> & {
    /**
     * The direction of the list.
     *
     * @generated from field: countersign.v1.ListOrder order = 1;
     */
    order: ListOrder;
    /**
     * The most blocks in the answer: 1 to 1,000; 0 for 100.
     *
     * @generated from field: uint32 page_size = 2;
     */
    pageSize: number;
    /**
     * `next_cursor` of the page before; empty for the first page. It belongs to the other fields of the request but
     * `page_size`: with another order or filter it is refused.
     *
     * @generated from field: string cursor = 3;
     */
    cursor: string;
    /**
     * The lowest height.
     *
     * @generated from field: optional uint64 from_height = 4;
     */
    fromHeight?: bigint | undefined;
    /**
     * The highest height.
     *
     * @generated from field: optional uint64 to_height = 5;
     */
    toHeight?: bigint | undefined;
    /**
     * The earliest block time.
     *
     * @generated from field: optional uint64 from_time = 6;
     */
    fromTime?: bigint | undefined;
    /**
     * The latest block time.
     *
     * @generated from field: optional uint64 to_time = 7;
     */
    toTime?: bigint | undefined;
};
/**
 * Describes the message countersign.v1.ListBlocksRequest.
 * Use `create(ListBlocksRequestSchema)` to create a new message.
 */
export declare const ListBlocksRequestSchema: GenMessage<ListBlocksRequest>;
/**
 * @generated from message countersign.v1.ListBlocksResponse
 */
export type ListBlocksResponse = Message<"countersign.v1.ListBlocksResponse"> & {
    /**
     * In the order that was asked for, without a gap.
     *
     * @generated from field: repeated countersign.v1.Block blocks = 1;
     */
    blocks: Block[];
    /**
     * The cursor of the next page; empty if this is the last one. For blocks that become final later, ask again from
     * `height` + 1 on.
     *
     * @generated from field: string next_cursor = 2;
     */
    nextCursor: string;
    /**
     * Height of the finalized state that was read: no block above it is listed.
     *
     * @generated from field: uint64 height = 3;
     */
    height: bigint;
    /**
     * Block time of that height.
     *
     * @generated from field: uint64 block_time = 4;
     */
    blockTime: bigint;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 5;
     */
    lagging: boolean;
    /**
     * The list is complete from this height on: 1, or more while this node fills in the history below the snapshot that
     * it started from. It lists nothing below.
     *
     * @generated from field: uint64 complete_from = 6;
     */
    completeFrom: bigint;
};
/**
 * Describes the message countersign.v1.ListBlocksResponse.
 * Use `create(ListBlocksResponseSchema)` to create a new message.
 */
export declare const ListBlocksResponseSchema: GenMessage<ListBlocksResponse>;
/**
 * A final block, as this node holds it. The two heights are the word of this node; the receipt of an operation in the block
 * proves them.
 *
 * @generated from message countersign.v1.Block
 */
export type Block = Message<"countersign.v1.Block"> & {
    /**
     * Hash of the canonical header.
     *
     * @generated from field: bytes hash = 1;
     */
    hash: Uint8Array;
    /**
     * View of the canonical header.
     *
     * @generated from field: countersign.v1.Header header = 2;
     */
    header?: Header | undefined;
    /**
     * Height of the block whose finalization makes this one final: its own height, or a higher one.
     *
     * @generated from field: uint64 finalization_height = 3;
     */
    finalizationHeight: bigint;
    /**
     * Height of the block whose seal covers this one: its own height, or a higher one. Absent while no seal does.
     *
     * @generated from field: optional uint64 seal_height = 4;
     */
    sealHeight?: bigint | undefined;
};
/**
 * Describes the message countersign.v1.Block.
 * Use `create(BlockSchema)` to create a new message.
 */
export declare const BlockSchema: GenMessage<Block>;
/**
 * @generated from message countersign.v1.GetBlockRequest
 */
export type GetBlockRequest = Message<"countersign.v1.GetBlockRequest"> & {
    /**
     * Height of the block; instead of `hash`.
     *
     * @generated from field: optional uint64 height = 1;
     */
    height?: bigint | undefined;
    /**
     * Hash of the block; instead of `height`.
     *
     * @generated from field: bytes hash = 2;
     */
    hash: Uint8Array;
    /**
     * The most transactions in the answer: 1 to 1,000; 0 for 100.
     *
     * @generated from field: uint32 page_size = 3;
     */
    pageSize: number;
    /**
     * `next_cursor` of the page before; empty for the first page. It belongs to this block.
     *
     * @generated from field: string cursor = 4;
     */
    cursor: string;
};
/**
 * Describes the message countersign.v1.GetBlockRequest.
 * Use `create(GetBlockRequestSchema)` to create a new message.
 */
export declare const GetBlockRequestSchema: GenMessage<GetBlockRequest>;
/**
 * @generated from message countersign.v1.GetBlockResponse
 */
export type GetBlockResponse = Message<"countersign.v1.GetBlockResponse"> & {
    /**
     * The block.
     *
     * @generated from field: countersign.v1.Block block = 1;
     */
    block?: Block | undefined;
    /**
     * Canonical bytes of its header, of which `block.hash` is the hash.
     *
     * @generated from field: bytes header_bytes = 2;
     */
    headerBytes: Uint8Array;
    /**
     * Canonical finalization of this very block; absent if only a block above it has one.
     *
     * @generated from field: optional bytes finalization = 3;
     */
    finalization?: Uint8Array | undefined;
    /**
     * Seal over `header_bytes`, under the group key; absent if this very block has none.
     *
     * @generated from field: optional bytes seal = 4;
     */
    seal?: Uint8Array | undefined;
    /**
     * Transactions of the block, in its order.
     *
     * @generated from field: repeated countersign.v1.OrderedTransaction transactions = 5;
     */
    transactions: OrderedTransaction[];
    /**
     * The cursor of the next page; empty if this is the last one.
     *
     * @generated from field: string next_cursor = 6;
     */
    nextCursor: string;
    /**
     * Height of the finalized state that was read.
     *
     * @generated from field: uint64 height = 7;
     */
    height: bigint;
    /**
     * Block time of that height.
     *
     * @generated from field: uint64 block_time = 8;
     */
    blockTime: bigint;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 9;
     */
    lagging: boolean;
};
/**
 * Describes the message countersign.v1.GetBlockResponse.
 * Use `create(GetBlockResponseSchema)` to create a new message.
 */
export declare const GetBlockResponseSchema: GenMessage<GetBlockResponse>;
/**
 * One page of the transactions of the ledger. Repeat the request with `cursor` for the next page, until an answer has no
 * `next_cursor`. A transaction never changes its place: no page misses or repeats one, although new ones become final in
 * between. Every node of the network takes the cursor. docs/reading.md says what a page costs.
 *
 * @generated from message countersign.v1.ListTransactionsRequest
 */
export type ListTransactionsRequest = Message<"countersign.v1.ListTransactionsRequest"> & {
    /**
     * The direction of the list.
     *
     * @generated from field: countersign.v1.ListOrder order = 1;
     */
    order: ListOrder;
    /**
     * The most transactions in the answer: 1 to 1,000; 0 for 100.
     *
     * @generated from field: uint32 page_size = 2;
     */
    pageSize: number;
    /**
     * `next_cursor` of the page before; empty for the first page. It belongs to the other fields of the request but
     * `page_size`: with another order or filter it is refused.
     *
     * @generated from field: string cursor = 3;
     */
    cursor: string;
    /**
     * The lowest height of a transaction.
     *
     * @generated from field: optional uint64 from_height = 4;
     */
    fromHeight?: bigint | undefined;
    /**
     * The highest height of a transaction.
     *
     * @generated from field: optional uint64 to_height = 5;
     */
    toHeight?: bigint | undefined;
    /**
     * The earliest block time of a transaction.
     *
     * @generated from field: optional uint64 from_time = 6;
     */
    fromTime?: bigint | undefined;
    /**
     * The latest block time of a transaction.
     *
     * @generated from field: optional uint64 to_time = 7;
     */
    toTime?: bigint | undefined;
};
/**
 * Describes the message countersign.v1.ListTransactionsRequest.
 * Use `create(ListTransactionsRequestSchema)` to create a new message.
 */
export declare const ListTransactionsRequestSchema: GenMessage<ListTransactionsRequest>;
/**
 * @generated from message countersign.v1.ListTransactionsResponse
 */
export type ListTransactionsResponse = Message<"countersign.v1.ListTransactionsResponse"> & {
    /**
     * In the order that was asked for. A page may have fewer transactions than asked for, or none, and still a
     * `next_cursor`, because a call looks at 1,000 blocks at most, and reads a bounded number of them (docs/reading.md).
     *
     * @generated from field: repeated countersign.v1.OrderedTransaction transactions = 1;
     */
    transactions: OrderedTransaction[];
    /**
     * The cursor of the next page; empty if this is the last one. For what becomes final later, ask again from
     * `height` + 1 on.
     *
     * @generated from field: string next_cursor = 2;
     */
    nextCursor: string;
    /**
     * Height of the finalized state that was read: no transaction above it is listed.
     *
     * @generated from field: uint64 height = 3;
     */
    height: bigint;
    /**
     * Block time of that height.
     *
     * @generated from field: uint64 block_time = 4;
     */
    blockTime: bigint;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 5;
     */
    lagging: boolean;
    /**
     * The list is complete from this height on: 1, or more while this node fills in the history below the snapshot that
     * it started from. It lists nothing below.
     *
     * @generated from field: uint64 complete_from = 6;
     */
    completeFrom: bigint;
};
/**
 * Describes the message countersign.v1.ListTransactionsResponse.
 * Use `create(ListTransactionsResponseSchema)` to create a new message.
 */
export declare const ListTransactionsResponseSchema: GenMessage<ListTransactionsResponse>;
/**
 * A transfer, the cancellation of one, or the creation of a wallet, with its place in the chain and its result.
 *
 * @generated from message countersign.v1.OrderedTransaction
 */
export type OrderedTransaction = Message<"countersign.v1.OrderedTransaction"> & {
    /**
     * Height of its block.
     *
     * @generated from field: uint64 height = 1;
     */
    height: bigint;
    /**
     * Place in its block, from 0. Steps of the key ceremony, which are not listed, leave gaps.
     *
     * @generated from field: uint32 index = 2;
     */
    index: number;
    /**
     * Block time.
     *
     * @generated from field: uint64 time = 3;
     */
    time: bigint;
    /**
     * The operation as it was ordered.
     *
     * @generated from oneof countersign.v1.OrderedTransaction.operation
     */
    operation: {
        /**
         * A payment.
         *
         * @generated from field: countersign.v1.Transfer transaction = 4;
         */
        value: Transfer;
        case: "transaction";
    } | {
        /**
         * The creation of a wallet.
         *
         * @generated from field: countersign.v1.WalletCreation creation = 5;
         */
        value: WalletCreation;
        case: "creation";
    } | {
        /**
         * A cancellation of a payment.
         *
         * @generated from field: countersign.v1.Cancellation cancellation = 8;
         */
        value: Cancellation;
        case: "cancellation";
    } | {
        case: undefined;
        value?: undefined;
    };
    /**
     * Applied, or declined with the reason.
     *
     * @generated from field: countersign.v1.Result result = 6;
     */
    result?: Result | undefined;
    /**
     * The request that gets its receipt, by GetReceipt. Absent for a creation that was declined: GetReceipt knows a creation
     * by its wallet.
     *
     * @generated from field: countersign.v1.GetReceiptRequest receipt = 7;
     */
    receipt?: GetReceiptRequest | undefined;
};
/**
 * Describes the message countersign.v1.OrderedTransaction.
 * Use `create(OrderedTransactionSchema)` to create a new message.
 */
export declare const OrderedTransactionSchema: GenMessage<OrderedTransaction>;
/**
 * One page of wallets. Repeat the request with `cursor` for the next page, until an answer has no `next_cursor`. No wallet
 * that existed when the first page was read is missed or repeated; one that is created meanwhile is listed if its id comes
 * after the cursor. Each page has the balances of its own `height`.
 *
 * @generated from message countersign.v1.ListWalletsRequest
 */
export type ListWalletsRequest = Message<"countersign.v1.ListWalletsRequest"> & {
    /**
     * All wallets of the ledger, which needs the scope `read:all`. Otherwise the custodial wallets that this node keeps for
     * the caller; at a node without access control, all that it keeps.
     *
     * @generated from field: bool all = 1;
     */
    all: boolean;
    /**
     * The most wallets in the answer: 1 to 1,000; 0 for 100.
     *
     * @generated from field: uint32 page_size = 2;
     */
    pageSize: number;
    /**
     * `next_cursor` of the page before; empty for the first page. It belongs to `all`.
     *
     * @generated from field: string cursor = 3;
     */
    cursor: string;
};
/**
 * Describes the message countersign.v1.ListWalletsRequest.
 * Use `create(ListWalletsRequestSchema)` to create a new message.
 */
export declare const ListWalletsRequestSchema: GenMessage<ListWalletsRequest>;
/**
 * @generated from message countersign.v1.ListWalletsResponse
 */
export type ListWalletsResponse = Message<"countersign.v1.ListWalletsResponse"> & {
    /**
     * By ascending ids. A page may have fewer wallets than asked for, or none, and still a `next_cursor`, because the wallets
     * that a call looks at are bounded.
     *
     * @generated from field: repeated countersign.v1.Wallet wallets = 1;
     */
    wallets: Wallet[];
    /**
     * The cursor of the next page; empty if this is the last one.
     *
     * @generated from field: string next_cursor = 2;
     */
    nextCursor: string;
    /**
     * Height of the finalized state that was read.
     *
     * @generated from field: uint64 height = 3;
     */
    height: bigint;
    /**
     * Block time of that height.
     *
     * @generated from field: uint64 block_time = 4;
     */
    blockTime: bigint;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 5;
     */
    lagging: boolean;
    /**
     * The caller's own wallets that were created below this height may be missing, because this node still fetches the blocks
     * that tell whose they are; 1 if none is missing. Always 1 in a list of all wallets.
     *
     * @generated from field: uint64 complete_from = 6;
     */
    completeFrom: bigint;
};
/**
 * Describes the message countersign.v1.ListWalletsResponse.
 * Use `create(ListWalletsResponseSchema)` to create a new message.
 */
export declare const ListWalletsResponseSchema: GenMessage<ListWalletsResponse>;
/**
 * Where a stream of events begins, and which events it has. Without `cursor` and `from_height`, it begins with what becomes
 * final from now on.
 *
 * @generated from message countersign.v1.SubscribeRequest
 */
export type SubscribeRequest = Message<"countersign.v1.SubscribeRequest"> & {
    /**
     * Id of the wallet whose entries to follow. Empty: all transactions of the ledger, which needs the scope `read:all`.
     *
     * @generated from field: string wallet_id = 1;
     */
    walletId: string;
    /**
     * The cursor of the last event, or message, that was handled; the stream goes on behind it. It belongs to `wallet_id`.
     *
     * @generated from field: string cursor = 2;
     */
    cursor: string;
    /**
     * The lowest height of an event; 0 for the beginning of the chain. Instead of `cursor`.
     *
     * @generated from field: optional uint64 from_height = 3;
     */
    fromHeight?: bigint | undefined;
};
/**
 * Describes the message countersign.v1.SubscribeRequest.
 * Use `create(SubscribeRequestSchema)` to create a new message.
 */
export declare const SubscribeRequestSchema: GenMessage<SubscribeRequest>;
/**
 * @generated from message countersign.v1.SubscribeResponse
 */
export type SubscribeResponse = Message<"countersign.v1.SubscribeResponse"> & {
    /**
     * In the order of the chain, at most 100. None at the beginning of the stream, and if there was none for five seconds: so
     * `cursor` also moves on if few events fit.
     *
     * @generated from field: repeated countersign.v1.Event events = 1;
     */
    events: Event[];
    /**
     * The stream goes on from here when all events of this message are handled. Of a message without events it is the word of
     * this node alone: at another node, go on from the last event.
     *
     * @generated from field: string cursor = 2;
     */
    cursor: string;
    /**
     * Height of the finalized state that was read. If it is above the last event, what lies between may still come.
     *
     * @generated from field: uint64 height = 3;
     */
    height: bigint;
    /**
     * Block time of that height.
     *
     * @generated from field: uint64 block_time = 4;
     */
    blockTime: bigint;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 5;
     */
    lagging: boolean;
};
/**
 * Describes the message countersign.v1.SubscribeResponse.
 * Use `create(SubscribeResponseSchema)` to create a new message.
 */
export declare const SubscribeResponseSchema: GenMessage<SubscribeResponse>;
/**
 * An event of the ledger.
 *
 * @generated from message countersign.v1.Event
 */
export type Event = Message<"countersign.v1.Event"> & {
    /**
     * The stream goes on from here when this event is handled. Base64url; its first twelve bytes are the place of the event:
     * its height, eight bytes, and its index, four, big-endian.
     *
     * @generated from field: string cursor = 1;
     */
    cursor: string;
    /**
     * Its kind is that of the whole stream.
     *
     * @generated from oneof countersign.v1.Event.event
     */
    event: {
        /**
         * Of the wallet that is followed.
         *
         * @generated from field: countersign.v1.Entry entry = 2;
         */
        value: Entry;
        case: "entry";
    } | {
        /**
         * Of the whole ledger, applied or declined.
         *
         * @generated from field: countersign.v1.OrderedTransaction transaction = 3;
         */
        value: OrderedTransaction;
        case: "transaction";
    } | {
        case: undefined;
        value?: undefined;
    };
};
/**
 * Describes the message countersign.v1.Event.
 * Use `create(EventSchema)` to create a new message.
 */
export declare const EventSchema: GenMessage<Event>;
/**
 * @generated from message countersign.v1.ListPeersRequest
 */
export type ListPeersRequest = Message<"countersign.v1.ListPeersRequest"> & {};
/**
 * Describes the message countersign.v1.ListPeersRequest.
 * Use `create(ListPeersRequestSchema)` to create a new message.
 */
export declare const ListPeersRequestSchema: GenMessage<ListPeersRequest>;
/**
 * @generated from message countersign.v1.ListPeersResponse
 */
export type ListPeersResponse = Message<"countersign.v1.ListPeersResponse"> & {
    /**
     * All other members, in the order of the genesis; at most 99.
     *
     * @generated from field: repeated countersign.v1.Peer peers = 1;
     */
    peers: Peer[];
};
/**
 * Describes the message countersign.v1.ListPeersResponse.
 * Use `create(ListPeersResponseSchema)` to create a new message.
 */
export declare const ListPeersResponseSchema: GenMessage<ListPeersResponse>;
/**
 * Another member of the network, as this node knows it.
 *
 * @generated from message countersign.v1.Peer
 */
export type Peer = Message<"countersign.v1.Peer"> & {
    /**
     * Name of the member in the genesis.
     *
     * @generated from field: string node_id = 1;
     */
    nodeId: string;
    /**
     * host:port of its peer listener, from its latest registration, or else from the genesis.
     *
     * @generated from field: string address = 2;
     */
    address: string;
    /**
     * Its identity key.
     *
     * @generated from field: bytes public_key = 3;
     */
    publicKey: Uint8Array;
    /**
     * host:port of its client listener, from its latest registration, or else from the genesis.
     *
     * @generated from field: string client_address = 4;
     */
    clientAddress: string;
    /**
     * A link from this node to it is open.
     *
     * @generated from field: bool connected = 5;
     */
    connected: boolean;
    /**
     * The highest final height that it has reported to this node; 0 if none.
     *
     * @generated from field: uint64 last_height = 6;
     */
    lastHeight: bigint;
    /**
     * Number of its latest registration with this node, which counts its starts; 0 if it never registered.
     *
     * @generated from field: uint64 registration_number = 7;
     */
    registrationNumber: bigint;
    /**
     * Milliseconds since this node last heard from it: a call, a batch of its link, an answer, or an answered ping. At
     * most a few seconds while a link to it is open. Absent if this process has not heard from it since its start.
     *
     * @generated from field: optional uint64 silent_ms = 8;
     */
    silentMs?: bigint | undefined;
};
/**
 * Describes the message countersign.v1.Peer.
 * Use `create(PeerSchema)` to create a new message.
 */
export declare const PeerSchema: GenMessage<Peer>;
/**
 * @generated from message countersign.v1.GetNetworkRequest
 */
export type GetNetworkRequest = Message<"countersign.v1.GetNetworkRequest"> & {};
/**
 * Describes the message countersign.v1.GetNetworkRequest.
 * Use `create(GetNetworkRequestSchema)` to create a new message.
 */
export declare const GetNetworkRequestSchema: GenMessage<GetNetworkRequest>;
/**
 * @generated from message countersign.v1.GetNetworkResponse
 */
export type GetNetworkResponse = Message<"countersign.v1.GetNetworkResponse"> & {
    /**
     * Hash of the canonical genesis.
     *
     * @generated from field: bytes network_id = 1;
     */
    networkId: Uint8Array;
    /**
     * The key that seals verify under; absent until the key ceremony has ended.
     *
     * @generated from field: optional bytes group_public_key = 2;
     */
    groupPublicKey?: Uint8Array | undefined;
    /**
     * The same key in PEM (RFC 8410), the form that `openssl pkeyutl -verify -pubin -rawin` reads.
     *
     * @generated from field: optional string group_public_key_pem = 3;
     */
    groupPublicKeyPem?: string | undefined;
    /**
     * Absent until the key ceremony has ended.
     *
     * @generated from field: countersign.v1.KeyCertificate key_certificate = 4;
     */
    keyCertificate?: KeyCertificate | undefined;
    /**
     * Number of members that can certify a block or make a seal: n - f.
     *
     * @generated from field: uint32 threshold = 5;
     */
    threshold: number;
    /**
     * n, the number of validators.
     *
     * @generated from field: uint32 validators = 6;
     */
    validators: number;
    /**
     * f, the number of validators that may be arbitrarily faulty; 0 below four validators.
     *
     * @generated from field: uint32 faults_tolerated = 7;
     */
    faultsTolerated: number;
    /**
     * The epoch of the final tip.
     *
     * @generated from field: uint64 epoch = 8;
     */
    epoch: bigint;
    /**
     * In the order of the genesis.
     *
     * @generated from field: repeated countersign.v1.Asset assets = 9;
     */
    assets: Asset[];
    /**
     * Keys that may create money.
     *
     * @generated from field: repeated bytes issuers = 10;
     */
    issuers: Uint8Array[];
    /**
     * In the order of the genesis; votes and seals name members by their index in this list.
     *
     * @generated from field: repeated countersign.v1.Member members = 11;
     */
    members: Member[];
    /**
     * How long after `valid_until` an operation may still be ordered, to be declined as expired. Milliseconds.
     *
     * @generated from field: uint64 grace_ms = 12;
     */
    graceMs: bigint;
    /**
     * How far ahead of block time a `valid_until` may lie. Milliseconds.
     *
     * @generated from field: uint64 lifetime_ms_max = 13;
     */
    lifetimeMsMax: bigint;
    /**
     * D: how far a block's time may lie from a voter's clock. Milliseconds.
     *
     * @generated from field: uint64 clock_skew_ms = 14;
     */
    clockSkewMs: bigint;
    /**
     * Progress of the key ceremony, which makes the group key.
     *
     * @generated from field: countersign.v1.Ceremony ceremony = 15;
     */
    ceremony?: Ceremony | undefined;
    /**
     * Number of share holders that may fail while seals can still be made: the holders of a share of the group key,
     * less `threshold`. If the key was made without some members, this is below `faults_tolerated` for good, because
     * only a new network can have a new key. Absent until the key ceremony has ended.
     *
     * @generated from field: optional uint32 seal_faults_tolerated = 16;
     */
    sealFaultsTolerated?: number | undefined;
};
/**
 * Describes the message countersign.v1.GetNetworkResponse.
 * Use `create(GetNetworkResponseSchema)` to create a new message.
 */
export declare const GetNetworkResponseSchema: GenMessage<GetNetworkResponse>;
/**
 * A currency of the network.
 *
 * @generated from message countersign.v1.Asset
 */
export type Asset = Message<"countersign.v1.Asset"> & {
    /**
     * 1 to 16 of A-Z and 0-9.
     *
     * @generated from field: string code = 1;
     */
    code: string;
    /**
     * Decimals: 10^scale minor units make one.
     *
     * @generated from field: uint32 scale = 2;
     */
    scale: number;
};
/**
 * Describes the message countersign.v1.Asset.
 * Use `create(AssetSchema)` to create a new message.
 */
export declare const AssetSchema: GenMessage<Asset>;
/**
 * A member of the network as the genesis names it.
 *
 * @generated from message countersign.v1.Member
 */
export type Member = Message<"countersign.v1.Member"> & {
    /**
     * Name in the genesis, at most 64 bytes.
     *
     * @generated from field: string node_id = 1;
     */
    nodeId: string;
    /**
     * host:port of its peer listener.
     *
     * @generated from field: string address = 2;
     */
    address: string;
    /**
     * host:port of its client listener.
     *
     * @generated from field: string client_address = 3;
     */
    clientAddress: string;
    /**
     * Signs votes, registrations and results.
     *
     * @generated from field: bytes identity_key = 4;
     */
    identityKey: Uint8Array;
    /**
     * Signs for custodial wallets.
     *
     * @generated from field: bytes custody_key = 5;
     */
    custodyKey: Uint8Array;
    /**
     * True if, by the ledger, it holds a share of the group key; false until the key ceremony has ended.
     *
     * @generated from field: bool holds_seal_share = 6;
     */
    holdsSealShare: boolean;
};
/**
 * Describes the message countersign.v1.Member.
 * Use `create(MemberSchema)` to create a new message.
 */
export declare const MemberSchema: GenMessage<Member>;
/**
 * @generated from message countersign.v1.Ceremony
 */
export type Ceremony = Message<"countersign.v1.Ceremony"> & {
    /**
     * Progress of the ceremony.
     *
     * @generated from field: countersign.v1.CeremonyStatus status = 1;
     */
    status: CeremonyStatus;
    /**
     * Number of the latest attempt; 0 if there was none.
     *
     * @generated from field: uint32 attempt = 2;
     */
    attempt: number;
    /**
     * Node ids of that attempt's members.
     *
     * @generated from field: repeated string members = 3;
     */
    members: string[];
    /**
     * Node ids of those whose next step is missing.
     *
     * @generated from field: repeated string missing = 4;
     */
    missing: string[];
    /**
     * The latest time at which the attempt ends; absent if none is open.
     *
     * @generated from field: optional uint64 deadline = 5;
     */
    deadline?: bigint | undefined;
    /**
     * Node ids of the members left out of that attempt, or of the next one if it has ended without a key, because they
     * were blamed or were silent in an earlier attempt. They give no shares of this epoch's key.
     *
     * @generated from field: repeated string excluded = 6;
     */
    excluded: string[];
};
/**
 * Describes the message countersign.v1.Ceremony.
 * Use `create(CeremonySchema)` to create a new message.
 */
export declare const CeremonySchema: GenMessage<Ceremony>;
/**
 * @generated from message countersign.v1.GetStatusRequest
 */
export type GetStatusRequest = Message<"countersign.v1.GetStatusRequest"> & {};
/**
 * Describes the message countersign.v1.GetStatusRequest.
 * Use `create(GetStatusRequestSchema)` to create a new message.
 */
export declare const GetStatusRequestSchema: GenMessage<GetStatusRequest>;
/**
 * @generated from message countersign.v1.GetStatusResponse
 */
export type GetStatusResponse = Message<"countersign.v1.GetStatusResponse"> & {
    /**
     * Name of this node in the genesis.
     *
     * @generated from field: string node_id = 1;
     */
    nodeId: string;
    /**
     * Version of the software.
     *
     * @generated from field: string version = 2;
     */
    version: string;
    /**
     * Hash of the genesis.
     *
     * @generated from field: bytes network_id = 3;
     */
    networkId: Uint8Array;
    /**
     * Height of the final tip.
     *
     * @generated from field: uint64 height = 4;
     */
    height: bigint;
    /**
     * The view this node is in.
     *
     * @generated from field: uint64 view = 5;
     */
    view: bigint;
    /**
     * Epoch of the highest finalized block.
     *
     * @generated from field: uint64 epoch = 6;
     */
    epoch: bigint;
    /**
     * Block hash of the final tip.
     *
     * @generated from field: bytes block_hash = 7;
     */
    blockHash: Uint8Array;
    /**
     * Block time of the final tip.
     *
     * @generated from field: uint64 block_time = 8;
     */
    blockTime: bigint;
    /**
     * State root of the final tip.
     *
     * @generated from field: bytes state_root = 9;
     */
    stateRoot: Uint8Array;
    /**
     * The highest height for which this node holds a seal; 0 if none.
     *
     * @generated from field: uint64 sealed_height = 10;
     */
    sealedHeight: bigint;
    /**
     * This node takes transactions: it has caught up, a quorum is connected, and its clock agrees with its peers'.
     *
     * @generated from field: bool ready = 11;
     */
    ready: boolean;
    /**
     * The reason why it is not ready, for a person; empty if it is ready.
     *
     * @generated from field: string not_ready_because = 12;
     */
    notReadyBecause: string;
    /**
     * This node knows that the network is ahead of it.
     *
     * @generated from field: bool lagging = 13;
     */
    lagging: boolean;
    /**
     * n, the number of validators.
     *
     * @generated from field: uint32 validators = 14;
     */
    validators: number;
    /**
     * n - f.
     *
     * @generated from field: uint32 quorum = 15;
     */
    quorum: number;
    /**
     * f; 0 below four validators.
     *
     * @generated from field: uint32 faults_tolerated = 16;
     */
    faultsTolerated: number;
    /**
     * Number of peers to which this node has an open link.
     *
     * @generated from field: uint32 connected_peers = 17;
     */
    connectedPeers: number;
    /**
     * Operations that wait to be ordered.
     *
     * @generated from field: uint32 pending_operations = 18;
     */
    pendingOperations: number;
    /**
     * The group key is final.
     *
     * @generated from field: bool key_final = 19;
     */
    keyFinal: boolean;
    /**
     * Time at which the process started.
     *
     * @generated from field: uint64 started_at = 20;
     */
    startedAt: bigint;
    /**
     * The lowest height from which on this node holds every block: 1, or more while it fills in the history below the
     * snapshot that it started from. While it is above 1, the node orders nothing for clients under an id that it does
     * not know, and answers HISTORY_INCOMPLETE.
     *
     * @generated from field: uint64 history_from = 21;
     */
    historyFrom: bigint;
    /**
     * The lowest view in which this node votes: 1, or more after it has rejoined with an empty journal. In a lower view it
     * takes transactions, but counts among the f nodes that may fail.
     *
     * @generated from field: uint64 first_view = 22;
     */
    firstView: bigint;
    /**
     * This node's share of the group key.
     *
     * @generated from field: countersign.v1.SealShare seal_share = 23;
     */
    sealShare: SealShare;
    /**
     * Number of members that hold a share of the group key, by the ledger; 0 until the key is final.
     *
     * @generated from field: uint32 seal_holders = 24;
     */
    sealHolders: number;
    /**
     * Number of share holders that can take part in a seal, as far as this node knows: the node itself if it has its
     * share, and the holders to which it has a link and from which it has had no wrong share.
     *
     * @generated from field: uint32 seal_holders_present = 25;
     */
    sealHoldersPresent: number;
    /**
     * Number of present share holders that may fail while seals can still be made: seal_holders_present - quorum. It
     * equals faults_tolerated if all is well. Below 0, no seal can be made now. Absent until the key is final.
     *
     * @generated from field: optional sint32 seal_margin = 26;
     */
    sealMargin?: number | undefined;
    /**
     * The reasons why the network tolerates fewer failures than faults_tolerated, as far as this node knows, one sentence
     * each, for a person; empty if it tolerates all of them. The health service `countersign.fault-tolerance` is SERVING
     * while this is empty and the node is ready.
     *
     * @generated from field: repeated string reduced_because = 27;
     */
    reducedBecause: string[];
    /**
     * Milliseconds by which this node's clock is ahead of its peers' clocks (negative: behind), by the median of them;
     * absent while it has compared its clock with f peers or fewer. If more than f of them say that it is off by more
     * than `clock_skew_ms`, the node is not ready.
     *
     * @generated from field: optional sint64 clock_ahead_ms = 28;
     */
    clockAheadMs?: bigint | undefined;
    /**
     * Number of views that ended by this node's timeout since the process started. A dead node costs a few each time. A
     * number that keeps growing while all nodes are up means that the network, or a machine in it, is too slow for
     * viewTimeoutMs of the genesis.
     *
     * @generated from field: uint64 timed_out_views = 29;
     */
    timedOutViews: bigint;
    /**
     * Memory that this node uses, in percent of its heap or of the machine, whichever is closer to its limit. From 80 on
     * the node refuses new wallets (MEMORY_SHORT), because a wallet stays in memory for ever.
     *
     * @generated from field: uint32 memory_percent = 30;
     */
    memoryPercent: number;
};
/**
 * Describes the message countersign.v1.GetStatusResponse.
 * Use `create(GetStatusResponseSchema)` to create a new message.
 */
export declare const GetStatusResponseSchema: GenMessage<GetStatusResponse>;
/**
 * The direction of a list.
 *
 * @generated from enum countersign.v1.ListOrder
 */
export declare const ListOrder: {
    /**
     * Same as LIST_ORDER_NEWEST_FIRST.
     *
     * @generated from enum value: LIST_ORDER_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * From the end of the chain down.
     *
     * @generated from enum value: LIST_ORDER_NEWEST_FIRST = 1;
     */
    readonly NEWEST_FIRST: 1;
    /**
     * From the beginning of the chain up.
     *
     * @generated from enum value: LIST_ORDER_OLDEST_FIRST = 2;
     */
    readonly OLDEST_FIRST: 2;
};
/**
 * The direction of a list.
 *
 * @generated from enum countersign.v1.ListOrder
 */
export type ListOrder = (typeof ListOrder)[keyof typeof ListOrder] | UnknownEnum;
/**
 * Describes the enum countersign.v1.ListOrder.
 */
export declare const ListOrderSchema: GenEnum<ListOrder>;
/**
 * The kind of an entry of a statement.
 *
 * @generated from enum countersign.v1.EntryKind
 */
export declare const EntryKind: {
    /**
     * Never sent.
     *
     * @generated from enum value: ENTRY_KIND_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * The wallet was created, with `amount` of new money, which may be 0.
     *
     * @generated from enum value: ENTRY_KIND_CREATED = 1;
     */
    readonly CREATED: 1;
    /**
     * Another wallet paid this one.
     *
     * @generated from enum value: ENTRY_KIND_RECEIVED = 2;
     */
    readonly RECEIVED: 2;
    /**
     * This wallet paid another one.
     *
     * @generated from enum value: ENTRY_KIND_PAID = 3;
     */
    readonly PAID: 3;
};
/**
 * The kind of an entry of a statement.
 *
 * @generated from enum countersign.v1.EntryKind
 */
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind] | UnknownEnum;
/**
 * Describes the enum countersign.v1.EntryKind.
 */
export declare const EntryKindSchema: GenEnum<EntryKind>;
/**
 * Progress of the key ceremony, which makes the group key.
 *
 * @generated from enum countersign.v1.CeremonyStatus
 */
export declare const CeremonyStatus: {
    /**
     * Never sent.
     *
     * @generated from enum value: CEREMONY_STATUS_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * No member has opened an attempt yet.
     *
     * @generated from enum value: CEREMONY_STATUS_NOT_STARTED = 1;
     */
    readonly NOT_STARTED: 1;
    /**
     * An attempt is open.
     *
     * @generated from enum value: CEREMONY_STATUS_RUNNING = 2;
     */
    readonly RUNNING: 2;
    /**
     * The key is final.
     *
     * @generated from enum value: CEREMONY_STATUS_COMPLETE = 3;
     */
    readonly COMPLETE: 3;
};
/**
 * Progress of the key ceremony, which makes the group key.
 *
 * @generated from enum countersign.v1.CeremonyStatus
 */
export type CeremonyStatus = (typeof CeremonyStatus)[keyof typeof CeremonyStatus] | UnknownEnum;
/**
 * Describes the enum countersign.v1.CeremonyStatus.
 */
export declare const CeremonyStatusSchema: GenEnum<CeremonyStatus>;
/**
 * A node's share of the group key.
 *
 * @generated from enum countersign.v1.SealShare
 */
export declare const SealShare: {
    /**
     * Never sent.
     *
     * @generated from enum value: SEAL_SHARE_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * There is no group key yet.
     *
     * @generated from enum value: SEAL_SHARE_NOT_YET = 1;
     */
    readonly NOT_YET: 1;
    /**
     * The node has its share, and countersigns.
     *
     * @generated from enum value: SEAL_SHARE_HELD = 2;
     */
    readonly HELD: 2;
    /**
     * The key was made without this node: it countersigns nothing, and never will under this key.
     *
     * @generated from enum value: SEAL_SHARE_LEFT_OUT = 3;
     */
    readonly LEFT_OUT: 3;
    /**
     * By the ledger the node holds a share, but its key folder has none: it countersigns nothing until the share is put
     * back.
     *
     * @generated from enum value: SEAL_SHARE_MISSING = 4;
     */
    readonly MISSING: 4;
};
/**
 * A node's share of the group key.
 *
 * @generated from enum countersign.v1.SealShare
 */
export type SealShare = (typeof SealShare)[keyof typeof SealShare] | UnknownEnum;
/**
 * Describes the enum countersign.v1.SealShare.
 */
export declare const SealShareSchema: GenEnum<SealShare>;
/**
 * The calls of clients, on the client listener. One port serves gRPC, gRPC-Web, Connect and JSON over HTTP/2, and
 * Connect and JSON over HTTP/1.1; calls without side effects also answer HTTP GET.
 * `POST /wallet_creation`, `POST /transaction` and `GET /peers` are short names of the JSON paths. `GET /events` gives the
 * stream of Subscribe as Server-Sent Events; as an RPC it is called over gRPC, gRPC-Web, and Connect in binary.
 *
 * The same port speaks gRPC server reflection (v1, v1alpha) and grpc.health.v1: SERVING while GetStatus says ready. The
 * health name `countersign.fault-tolerance`, meant for alarms, is SERVING while in addition GetStatus gives no
 * `reduced_because`.
 *
 * JSON is read strictly: only application/json, no unknown or repeated field, no number that a reader may have rounded,
 * only canonical base64. Every refusal carries one ErrorDetail. Besides the reasons listed at each call, any call may
 * be refused with MALFORMED, LIMIT, TOO_LARGE, TOO_MANY_REQUESTS, SHUTTING_DOWN, DEADLINE_EXCEEDED, CANCELED or
 * INTERNAL; and any call but GetNetwork with UNAUTHENTICATED, or with PERMISSION_DENIED, whose metadata names the
 * `scope` that the caller lacks (docs/access.md). A caller that may not read all wallets gets the answers of a network in
 * which there are only its own.
 *
 * @generated from service countersign.v1.LedgerService
 */
export declare const LedgerService: GenService<{
    /**
     * Creates a wallet, with money if an issuer signs. Without `public_key` the gateway keeps the key (a custodial
     * wallet). A repeated creation gets the first result, for ever, even if its `valid_until` differs.
     *
     * Refused with MISSING_FIELD, UNKNOWN_ASSET, NOT_ISSUER, INVALID_SIGNATURE, WINDOW_PAST, WINDOW_TOO_FAR, ID_IN_USE,
     * WALLET_EXISTS, OVERFLOW, SPONSOR_QUOTA_USED, POOL_FULL, MEMORY_SHORT, NOT_READY, HISTORY_INCOMPLETE;
     * OUTCOME_UNKNOWN if the wait ended before an outcome was known.
     *
     * @generated from rpc countersign.v1.LedgerService.WalletCreation
     */
    walletCreation: {
        methodKind: "unary";
        input: typeof WalletCreationRequestSchema;
        output: typeof WalletCreationResponseSchema;
    };
    /**
     * Orders a transfer and waits for its certified result. A decline (say, insufficient funds) is an answer, not an
     * error; an error means that this gateway ordered nothing, or OUTCOME_UNKNOWN. A repeated transfer gets the first
     * result, for ever, through any gateway, even if its `valid_until` differs: the answer shows the transfer that was
     * ordered.
     *
     * Refused with MISSING_FIELD, AMOUNT_ZERO, SELF_TRANSFER, UNKNOWN_WALLET, NOT_CUSTODIAN, INVALID_SIGNATURE,
     * WINDOW_PAST, WINDOW_TOO_FAR, ID_IN_USE, PAYMENT_CANCELLED, UNKNOWN_PAYEE, UNKNOWN_ASSET, ASSET_MISMATCH,
     * INSUFFICIENT_FUNDS, POOL_FULL, NOT_READY, HISTORY_INCOMPLETE; OUTCOME_UNKNOWN if the wait ended before an outcome was
     * known.
     *
     * @generated from rpc countersign.v1.LedgerService.Transaction
     */
    transaction: {
        methodKind: "unary";
        input: typeof TransactionRequestSchema;
        output: typeof TransactionResponseSchema;
    };
    /**
     * Takes the id of a transfer whose outcome its owner does not know, and waits for the certified result of whichever is
     * ordered under the id first: the cancellation, and then the transfer is never made, or the transfer, applied or
     * declined. It undoes nothing: a transfer that was ordered stands. A repeated cancellation gets the same answer, for
     * ever, through any gateway. docs/signing.md says which transfers a cancellation proves to be never made.
     *
     * For wallets whose owner keeps the key; for a custodial wallet, repeat the transfer at the gateway that keeps the key.
     *
     * Refused with MISSING_FIELD, UNKNOWN_WALLET, INVALID_SIGNATURE, WINDOW_PAST, WINDOW_TOO_FAR, POOL_FULL, NOT_READY,
     * HISTORY_INCOMPLETE; OUTCOME_UNKNOWN if the wait ended before an outcome was known.
     *
     * @generated from rpc countersign.v1.LedgerService.CancelTransaction
     */
    cancelTransaction: {
        methodKind: "unary";
        input: typeof CancelTransactionRequestSchema;
        output: typeof CancelTransactionResponseSchema;
    };
    /**
     * Orders many signed transfers over one stream, and answers each with its certified result or its refusal, in the order
     * in which the outcomes come. Results of one block come together under one proof. The stream needs HTTP/2, and binary
     * messages; in Connect's protocol the content type is application/connect+proto.
     *
     * Each operation counts as one call of Transaction, is judged as there, and is refused with the same reasons. A transfer
     * that was ordered before gets its first result again, so after a lost stream send what has no answer yet on a new one.
     *
     * At most 1,024 operations of a stream are under way: sent, and their outcome not yet read. Above that, and while the
     * caller's share of calls is used up, the node stops reading the stream. It ends the stream if no outcome can be written
     * for 30 s, and with DEADLINE_EXCEEDED if for 60 s nothing is under way and nothing comes.
     *
     * The stream ends with MALFORMED or LIMIT for a message in a wrong form, UNAUTHENTICATED or PERMISSION_DENIED if its
     * credential no longer holds, and TOO_MANY_REQUESTS if the caller has too many streams; what is under way is answered
     * before. If it ends in any other way than by status OK, an operation without an answer may still be ordered.
     *
     * @generated from rpc countersign.v1.LedgerService.SubmitTransactions
     */
    submitTransactions: {
        methodKind: "bidi_streaming";
        input: typeof SubmitTransactionsRequestSchema;
        output: typeof SubmitTransactionsResponseSchema;
    };
    /**
     * One wallet, from this node's finalized state. The wallet's own key may sign the call, in place of another credential
     * (docs/signing.md, Signed reads). Refused with UNKNOWN_WALLET, LAGGING (below `min_height`), POOL_FULL (too many calls
     * wait for a height).
     *
     * @generated from rpc countersign.v1.LedgerService.GetWallet
     */
    getWallet: {
        methodKind: "unary";
        input: typeof GetWalletRequestSchema;
        output: typeof GetWalletResponseSchema;
    };
    /**
     * The certified result of an operation, with the best receipt available now. The key of the payer, the payee or the
     * created wallet may sign the call, in place of another credential (docs/signing.md, Signed reads). Refused with
     * MISSING_FIELD, NOT_FOUND (no final operation on this node has that id), HISTORY_INCOMPLETE (it may be in a block that
     * this node still has to fetch), NOT_READY (the proof is too long until a seal shortens it), TOO_MANY_REQUESTS (too many
     * receipts of large blocks are being read).
     *
     * @generated from rpc countersign.v1.LedgerService.GetReceipt
     */
    getReceipt: {
        methodKind: "unary";
        input: typeof GetReceiptRequestSchema;
        output: typeof GetReceiptResponseSchema;
    };
    /**
     * The statement of one wallet: every applied operation that changed it, with the balance after it. Declined payments
     * change no wallet and are not in it. Pages by a cursor; see ListEntriesRequest.
     *
     * The wallet's own key may sign the call, in place of another credential (docs/signing.md, Signed reads).
     *
     * Refused with MISSING_FIELD, UNKNOWN_WALLET; LIMIT for a `page_size` above 1,000, a height or time above 2^53 - 1, a
     * cursor of more than 128 bytes, or a `reference_prefix` of more than 140; MALFORMED for an id, order, cursor or
     * `reference_prefix` in a wrong form, and for a cursor that is not of this list; TOO_MANY_REQUESTS if lists are read
     * faster than this node allows.
     *
     * @generated from rpc countersign.v1.LedgerService.ListEntries
     */
    listEntries: {
        methodKind: "unary";
        input: typeof ListEntriesRequestSchema;
        output: typeof ListEntriesResponseSchema;
    };
    /**
     * The final blocks of the chain, page by page: the header of each, and what certifies it. The operations of a block are
     * in GetBlock and ListTransactions. Pages by a cursor; see ListBlocksRequest.
     *
     * Refused with LIMIT for a `page_size` above 1,000, a height or time above 2^53 - 1, or a cursor of more than 128 bytes;
     * MALFORMED for an order or cursor in a wrong form, and for a cursor that is not of this list; TOO_MANY_REQUESTS if lists
     * are read faster than this node allows.
     *
     * @generated from rpc countersign.v1.LedgerService.ListBlocks
     */
    listBlocks: {
        methodKind: "unary";
        input: typeof ListBlocksRequestSchema;
        output: typeof ListBlocksResponseSchema;
    };
    /**
     * One final block with the transactions in it, page by page: transfers, cancellations and creations of wallets, applied
     * or declined.
     * Steps of the key ceremony are counted in the header, and not listed.
     *
     * Refused with MISSING_FIELD (neither `height` nor `hash`); NOT_FOUND (no final block on this node has that height or
     * hash; the genesis, height 0, is no block of the chain); HISTORY_INCOMPLETE (this node still has to fetch it); LIMIT for
     * a `page_size` above 1,000, a height above 2^53 - 1, or a cursor of more than 128 bytes; MALFORMED for a hash or cursor
     * in a wrong form, for `height` beside `hash`, and for a cursor that is not of this block; TOO_MANY_REQUESTS if lists are
     * read faster than this node allows.
     *
     * @generated from rpc countersign.v1.LedgerService.GetBlock
     */
    getBlock: {
        methodKind: "unary";
        input: typeof GetBlockRequestSchema;
        output: typeof GetBlockResponseSchema;
    };
    /**
     * The transactions of the whole ledger, in the order of the chain: transfers, cancellations and creations of
     * wallets, applied or declined. Pages by a cursor; see ListTransactionsRequest.
     *
     * Refused with LIMIT for a `page_size` above 1,000, a height or time above 2^53 - 1, or a cursor of more than 128 bytes;
     * MALFORMED for an order or cursor in a wrong form, and for a cursor that is not of this list; TOO_MANY_REQUESTS if lists
     * are read faster than this node allows.
     *
     * @generated from rpc countersign.v1.LedgerService.ListTransactions
     */
    listTransactions: {
        methodKind: "unary";
        input: typeof ListTransactionsRequestSchema;
        output: typeof ListTransactionsResponseSchema;
    };
    /**
     * Wallets in the order of their ids: the custodial wallets that this node keeps for the caller, or all of the ledger.
     * Pages by a cursor; see ListWalletsRequest.
     *
     * Refused with LIMIT for a `page_size` above 1,000, or a cursor of more than 128 bytes; MALFORMED for a cursor in a wrong
     * form, and for a cursor that is not of this list; TOO_MANY_REQUESTS if lists are read faster than this node allows.
     *
     * @generated from rpc countersign.v1.LedgerService.ListWallets
     */
    listWallets: {
        methodKind: "unary";
        input: typeof ListWalletsRequestSchema;
        output: typeof ListWalletsResponseSchema;
    };
    /**
     * Follows the ledger: the transactions of all wallets, or the entries of one, as they become final, in the order of the
     * chain. Every event has a cursor, from which a new call goes on, at any node: a consumer that stores the cursor of each
     * event that it has handled misses none and repeats none. The first message comes at once and has no event; the stream
     * ends only with a refusal. docs/reading.md has examples; `GET /events` gives the same as Server-Sent Events.
     *
     * The wallet's own key may sign the call, in place of another credential (docs/signing.md, Signed reads). The stream ends
     * when the credential of the caller holds no more, with UNAUTHENTICATED or PERMISSION_DENIED.
     *
     * Refused with UNKNOWN_WALLET; HISTORY_INCOMPLETE (this node still has to fetch blocks that the stream begins with);
     * LIMIT for a height above 2^53 - 1 or a cursor of more than 128 bytes; MALFORMED for an id or cursor in a wrong form, for
     * `from_height` beside `cursor`, and for a cursor that is not of this stream; TOO_MANY_REQUESTS if the caller, or all
     * callers together, have as many streams as this node allows. Ended with DEADLINE_EXCEEDED if the consumer leaves a
     * message unread for 30 seconds.
     *
     * @generated from rpc countersign.v1.LedgerService.Subscribe
     */
    subscribe: {
        methodKind: "server_streaming";
        input: typeof SubscribeRequestSchema;
        output: typeof SubscribeResponseSchema;
    };
    /**
     * The other nodes, as this node knows them.
     *
     * @generated from rpc countersign.v1.LedgerService.ListPeers
     */
    listPeers: {
        methodKind: "unary";
        input: typeof ListPeersRequestSchema;
        output: typeof ListPeersResponseSchema;
    };
    /**
     * The network's rules, members and group key. A verifier trusts its own copy of the genesis, not this answer.
     *
     * @generated from rpc countersign.v1.LedgerService.GetNetwork
     */
    getNetwork: {
        methodKind: "unary";
        input: typeof GetNetworkRequestSchema;
        output: typeof GetNetworkResponseSchema;
    };
    /**
     * The state of this node.
     *
     * @generated from rpc countersign.v1.LedgerService.GetStatus
     */
    getStatus: {
        methodKind: "unary";
        input: typeof GetStatusRequestSchema;
        output: typeof GetStatusResponseSchema;
    };
}>;
