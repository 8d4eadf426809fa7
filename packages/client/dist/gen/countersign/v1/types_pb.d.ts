import type { GenEnum, GenFile, GenMessage } from "@bufbuild/protobuf/codegenv2";
import type { Message, UnknownEnum } from "@bufbuild/protobuf";
/**
 * Describes the file countersign/v1/types.proto.
 */
export declare const file_countersign_v1_types: GenFile;
/**
 * Moves money between two wallets of the same asset. Its id is unique for the paying wallet.
 *
 * @generated from message countersign.v1.Transfer
 */
export type Transfer = Message<"countersign.v1.Transfer"> & {
    /**
     * Id of the paying wallet.
     *
     * @generated from field: string from = 1;
     */
    from: string;
    /**
     * Id of the wallet that is paid; never the same as `from`.
     *
     * @generated from field: string to = 2;
     */
    to: string;
    /**
     * Minor units of `asset`, at least 1.
     *
     * @generated from field: uint64 amount = 3;
     */
    amount: bigint;
    /**
     * Chosen by the payer. If it is empty in a request for a custodial wallet, the gateway chooses an id, and repeating
     * the request makes another payment.
     *
     * @generated from field: string id = 4;
     */
    id: string;
    /**
     * Free text of the payer, at most 140 bytes of UTF-8. Absent and empty are different bodies.
     *
     * @generated from field: optional string reference = 5;
     */
    reference?: string | undefined;
    /**
     * The last block time at which the transfer may be applied. If it is 0 in a request for a custodial wallet, the
     * gateway chooses. A few seconds after this time (GetNetworkResponse.grace_ms) the transfer can no longer be ordered
     * at all.
     *
     * @generated from field: uint64 valid_until = 6;
     */
    validUntil: bigint;
    /**
     * Code of the asset that both wallets hold; the payer's signature covers it. If it is empty in a request for a
     * custodial wallet, the gateway fills in the asset of the paying wallet.
     *
     * @generated from field: string asset = 7;
     */
    asset: string;
};
/**
 * Describes the message countersign.v1.Transfer.
 * Use `create(TransferSchema)` to create a new message.
 */
export declare const TransferSchema: GenMessage<Transfer>;
/**
 * Takes the id of a transfer, in place of the transfer: of the two, only the one that is ordered first can be ordered at
 * all.
 *
 * @generated from message countersign.v1.Cancellation
 */
export type Cancellation = Message<"countersign.v1.Cancellation"> & {
    /**
     * Id of the paying wallet, whose key signs.
     *
     * @generated from field: string from = 1;
     */
    from: string;
    /**
     * Id of the transfer.
     *
     * @generated from field: string id = 2;
     */
    id: string;
    /**
     * The last block time at which the cancellation may be applied. It must not be before the transfer's: the cancellation
     * proves nothing about transfers with a later one.
     *
     * @generated from field: uint64 valid_until = 3;
     */
    validUntil: bigint;
};
/**
 * Describes the message countersign.v1.Cancellation.
 * Use `create(CancellationSchema)` to create a new message.
 */
export declare const CancellationSchema: GenMessage<Cancellation>;
/**
 * States that a result is final and certified by votes but not sealed, and the reason. It is this node's word, not
 * part of the proof.
 *
 * @generated from message countersign.v1.Unsealed
 */
export type Unsealed = Message<"countersign.v1.Unsealed"> & {
    /**
     * For a program.
     *
     * @generated from field: countersign.v1.UnsealedReason reason = 1;
     */
    reason: UnsealedReason;
    /**
     * For a person: what is missing. It names nodes.
     *
     * @generated from field: string message = 2;
     */
    message: string;
};
/**
 * Describes the message countersign.v1.Unsealed.
 * Use `create(UnsealedSchema)` to create a new message.
 */
export declare const UnsealedSchema: GenMessage<Unsealed>;
/**
 * The certified outcome of one operation.
 *
 * @generated from message countersign.v1.Result
 */
export type Result = Message<"countersign.v1.Result"> & {
    /**
     * The operation's outcome.
     *
     * @generated from field: countersign.v1.ResultStatus status = 1;
     */
    status: ResultStatus;
    /**
     * Present only with RESULT_STATUS_DECLINED.
     *
     * @generated from field: optional countersign.v1.DeclineReason reason = 2;
     */
    reason?: DeclineReason | undefined;
};
/**
 * Describes the message countersign.v1.Result.
 * Use `create(ResultSchema)` to create a new message.
 */
export declare const ResultSchema: GenMessage<Result>;
/**
 * A wallet as the finalized state holds it.
 *
 * @generated from message countersign.v1.Wallet
 */
export type Wallet = Message<"countersign.v1.Wallet"> & {
    /**
     * Derived from its key and the id of its creation.
     *
     * @generated from field: string id = 1;
     */
    id: string;
    /**
     * Code of the asset it holds.
     *
     * @generated from field: string asset = 2;
     */
    asset: string;
    /**
     * Minor units.
     *
     * @generated from field: uint64 balance = 3;
     */
    balance: bigint;
    /**
     * The key that may spend from it.
     *
     * @generated from field: bytes public_key = 4;
     */
    publicKey: Uint8Array;
    /**
     * Number of applied operations that have changed it so far.
     *
     * @generated from field: uint64 entries = 5;
     */
    entries: bigint;
    /**
     * Head of the hash chain over those entries (docs/rules/ledger.md, L16).
     *
     * @generated from field: bytes statement_head = 6;
     */
    statementHead: Uint8Array;
    /**
     * Node id of the gateway that keeps the key of a custodial wallet; absent if a client keeps it.
     *
     * @generated from field: optional string custodian = 7;
     */
    custodian?: string | undefined;
};
/**
 * Describes the message countersign.v1.Wallet.
 * Use `create(WalletSchema)` to create a new message.
 */
export declare const WalletSchema: GenMessage<Wallet>;
/**
 * A block header, as a view of its canonical bytes.
 *
 * @generated from message countersign.v1.Header
 */
export type Header = Message<"countersign.v1.Header"> & {
    /**
     * Version of the canonical encoding of headers: 1.
     *
     * @generated from field: uint32 version = 1;
     */
    version: number;
    /**
     * Hash of the genesis.
     *
     * @generated from field: bytes network_id = 2;
     */
    networkId: Uint8Array;
    /**
     * Names the validator set whose quorum certifies the block; the first is 1.
     *
     * @generated from field: uint64 epoch = 3;
     */
    epoch: bigint;
    /**
     * Place in the finalized chain; the genesis is 0.
     *
     * @generated from field: uint64 height = 4;
     */
    height: bigint;
    /**
     * The leader's turn in which it was proposed.
     *
     * @generated from field: uint64 view = 5;
     */
    view: bigint;
    /**
     * Hash of the header one height below.
     *
     * @generated from field: bytes parent_hash = 6;
     */
    parentHash: Uint8Array;
    /**
     * Operations in the body.
     *
     * @generated from field: uint32 operation_count = 7;
     */
    operationCount: number;
    /**
     * RFC 9162 root over the canonical operations with signatures.
     *
     * @generated from field: bytes operations_root = 8;
     */
    operationsRoot: Uint8Array;
    /**
     * RFC 9162 root over the result leaves, declines included.
     *
     * @generated from field: bytes results_root = 9;
     */
    resultsRoot: Uint8Array;
    /**
     * Number of wallets after this block.
     *
     * @generated from field: uint64 wallet_count = 10;
     */
    walletCount: bigint;
    /**
     * Root over all wallets and the ceremony record after this block.
     *
     * @generated from field: bytes state_root = 11;
     */
    stateRoot: Uint8Array;
    /**
     * Minor units in existence per asset, in the order of the genesis.
     *
     * @generated from field: repeated uint64 supply = 12;
     */
    supply: bigint[];
    /**
     * Block time; never before the parent's.
     *
     * @generated from field: uint64 time = 13;
     */
    time: bigint;
    /**
     * Genesis index of the leader, from 0.
     *
     * @generated from field: uint32 proposer = 14;
     */
    proposer: number;
};
/**
 * Describes the message countersign.v1.Header.
 * Use `create(HeaderSchema)` to create a new message.
 */
export declare const HeaderSchema: GenMessage<Header>;
/**
 * A header under the network's threshold signature.
 *
 * @generated from message countersign.v1.SealedHeader
 */
export type SealedHeader = Message<"countersign.v1.SealedHeader"> & {
    /**
     * Canonical header bytes. `seal` signs exactly these.
     *
     * @generated from field: bytes bytes = 1;
     */
    bytes: Uint8Array;
    /**
     * Ed25519 signature under the group key.
     *
     * @generated from field: bytes seal = 2;
     */
    seal: Uint8Array;
    /**
     * View of `bytes`.
     *
     * @generated from field: countersign.v1.Header header = 3;
     */
    header?: Header | undefined;
};
/**
 * Describes the message countersign.v1.SealedHeader.
 * Use `create(SealedHeaderSchema)` to create a new message.
 */
export declare const SealedHeaderSchema: GenMessage<SealedHeader>;
/**
 * One member's signature inside a certificate.
 *
 * @generated from message countersign.v1.MemberSignature
 */
export type MemberSignature = Message<"countersign.v1.MemberSignature"> & {
    /**
     * Genesis index of the member, from 0.
     *
     * @generated from field: uint32 signer = 1;
     */
    signer: number;
    /**
     * The signature by the member's identity key.
     *
     * @generated from field: bytes signature = 2;
     */
    signature: Uint8Array;
};
/**
 * Describes the message countersign.v1.MemberSignature.
 * Use `create(MemberSignatureSchema)` to create a new message.
 */
export declare const MemberSignatureSchema: GenMessage<MemberSignature>;
/**
 * A quorum of members confirms the group key of an epoch with their identity keys.
 *
 * @generated from message countersign.v1.KeyCertificate
 */
export type KeyCertificate = Message<"countersign.v1.KeyCertificate"> & {
    /**
     * Canonical bytes that every member signs.
     *
     * @generated from field: bytes bytes = 1;
     */
    bytes: Uint8Array;
    /**
     * View of `bytes`.
     *
     * @generated from field: bytes network_id = 2;
     */
    networkId: Uint8Array;
    /**
     * View of `bytes`.
     *
     * @generated from field: uint64 epoch = 3;
     */
    epoch: bigint;
    /**
     * View of `bytes`: the key that seals verify under.
     *
     * @generated from field: bytes group_public_key = 4;
     */
    groupPublicKey: Uint8Array;
    /**
     * View of `bytes`: the number of members that can make a seal.
     *
     * @generated from field: uint32 threshold = 5;
     */
    threshold: number;
    /**
     * View of `bytes`: hash of the ceremony's transcript.
     *
     * @generated from field: bytes transcript_hash = 6;
     */
    transcriptHash: Uint8Array;
    /**
     * Signers ascend. Every signature must verify, and they must be a quorum.
     *
     * @generated from field: repeated countersign.v1.MemberSignature signatures = 7;
     */
    signatures: MemberSignature[];
};
/**
 * Describes the message countersign.v1.KeyCertificate.
 * Use `create(KeyCertificateSchema)` to create a new message.
 */
export declare const KeyCertificateSchema: GenMessage<KeyCertificate>;
/**
 * Proof of one result that anyone can check offline: result leaf, inclusion path, headers, seal, key certificate.
 *
 * @generated from message countersign.v1.Receipt
 */
export type Receipt = Message<"countersign.v1.Receipt"> & {
    /**
     * Canonical result leaf: operation hash, operation, status and reason.
     *
     * @generated from field: bytes leaf = 1;
     */
    leaf: Uint8Array;
    /**
     * Place of the operation in its block, from 0.
     *
     * @generated from field: uint32 index = 2;
     */
    index: number;
    /**
     * RFC 9162 inclusion path from leaf to root, in a tree of the header's operation count, under its results root.
     *
     * @generated from field: repeated bytes path = 3;
     */
    path: Uint8Array[];
    /**
     * Canonical headers from the result's own upwards. They do not include the sealed header, so the list is empty if
     * that is the result's own. While the seal is pending, the finalized header is the last of them.
     *
     * @generated from field: repeated bytes headers = 4;
     */
    headers: Uint8Array[];
    /**
     * Absent while the seal is pending.
     *
     * @generated from field: countersign.v1.SealedHeader sealed_header = 5;
     */
    sealedHeader?: SealedHeader | undefined;
    /**
     * Absent while the seal is pending.
     *
     * @generated from field: countersign.v1.KeyCertificate key_certificate = 6;
     */
    keyCertificate?: KeyCertificate | undefined;
    /**
     * Canonical finalization of the last of `headers`; present exactly while the seal is pending.
     *
     * @generated from field: optional bytes finalization = 7;
     */
    finalization?: Uint8Array | undefined;
    /**
     * The result is final, but its threshold signature is still to come: ask again with GetReceipt.
     *
     * @generated from field: bool seal_pending = 8;
     */
    sealPending: boolean;
};
/**
 * Describes the message countersign.v1.Receipt.
 * Use `create(ReceiptSchema)` to create a new message.
 */
export declare const ReceiptSchema: GenMessage<Receipt>;
/**
 * The one machine-readable detail that every refusal carries.
 *
 * @generated from message countersign.v1.ErrorDetail
 */
export type ErrorDetail = Message<"countersign.v1.ErrorDetail"> & {
    /**
     * Closed set of names in UPPER_SNAKE_CASE; stable, so that programs can rely on it.
     *
     * @generated from field: string reason = 1;
     */
    reason: string;
    /**
     * JSON path of the wrong field ("transaction.amount"); empty if the fault is not in a single field.
     *
     * @generated from field: string field = 2;
     */
    field: string;
    /**
     * The remedy, for a person.
     *
     * @generated from field: string remedy = 3;
     */
    remedy: string;
    /**
     * Values that belong to the reason, for example `custodian` and `address` with NOT_CUSTODIAN. `retryAfterMs` is the
     * number of milliseconds after which the same request may be sent again (over HTTP, the header retry-after gives it
     * in seconds).
     *
     * @generated from field: map<string, string> metadata = 4;
     */
    metadata: {
        [key: string]: string;
    };
};
/**
 * Describes the message countersign.v1.ErrorDetail.
 * Use `create(ErrorDetailSchema)` to create a new message.
 */
export declare const ErrorDetailSchema: GenMessage<ErrorDetail>;
/**
 * How long a request waits for its answer: 30 s at most, and less if the call has a deadline before. If the result is not
 * final by then, the call fails with the reason OUTCOME_UNKNOWN and the id to ask with. If it is final and not sealed, the
 * call succeeds: the result stands, its receipt carries the votes instead of the seal, and the answer says in `unsealed`
 * why. GetReceipt brings the sealed receipt later.
 *
 * @generated from enum countersign.v1.Wait
 */
export declare const Wait: {
    /**
     * Same as WAIT_SEALED.
     *
     * @generated from enum value: WAIT_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * Until the result is final: its block is certified by a quorum of individual signatures.
     *
     * @generated from enum value: WAIT_FINAL = 1;
     */
    readonly FINAL: 1;
    /**
     * Until the threshold signature covers the result too. If no seal can be made, because there is no group key yet or
     * too few share holders are linked to the gateway, at most one second after the result is final.
     *
     * @generated from enum value: WAIT_SEALED = 2;
     */
    readonly SEALED: 2;
};
/**
 * How long a request waits for its answer: 30 s at most, and less if the call has a deadline before. If the result is not
 * final by then, the call fails with the reason OUTCOME_UNKNOWN and the id to ask with. If it is final and not sealed, the
 * call succeeds: the result stands, its receipt carries the votes instead of the seal, and the answer says in `unsealed`
 * why. GetReceipt brings the sealed receipt later.
 *
 * @generated from enum countersign.v1.Wait
 */
export type Wait = (typeof Wait)[keyof typeof Wait] | UnknownEnum;
/**
 * Describes the enum countersign.v1.Wait.
 */
export declare const WaitSchema: GenEnum<Wait>;
/**
 * The reason why a final result is not sealed.
 *
 * @generated from enum countersign.v1.UnsealedReason
 */
export declare const UnsealedReason: {
    /**
     * Never sent.
     *
     * @generated from enum value: UNSEALED_REASON_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * The request did not wait for the seal, or the wait ended before the seal came. The seal is on its way, unless too few
     * share holders computed the block because they took it over with a snapshot: then the votes remain its proof.
     *
     * @generated from enum value: UNSEALED_REASON_NOT_YET = 1;
     */
    readonly NOT_YET: 1;
    /**
     * There is no group key yet. Once there is one, earlier results are sealed too, by the share holders that computed them.
     *
     * @generated from enum value: UNSEALED_REASON_NO_GROUP_KEY = 2;
     */
    readonly NO_GROUP_KEY: 2;
    /**
     * Fewer holders of a share of the group key are linked to this node than a seal needs. The seal comes when enough
     * are.
     *
     * @generated from enum value: UNSEALED_REASON_TOO_FEW_HOLDERS = 3;
     */
    readonly TOO_FEW_HOLDERS: 3;
};
/**
 * The reason why a final result is not sealed.
 *
 * @generated from enum countersign.v1.UnsealedReason
 */
export type UnsealedReason = (typeof UnsealedReason)[keyof typeof UnsealedReason] | UnknownEnum;
/**
 * Describes the enum countersign.v1.UnsealedReason.
 */
export declare const UnsealedReasonSchema: GenEnum<UnsealedReason>;
/**
 * The outcome of an ordered operation.
 *
 * @generated from enum countersign.v1.ResultStatus
 */
export declare const ResultStatus: {
    /**
     * Never sent.
     *
     * @generated from enum value: RESULT_STATUS_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * It changed the state.
     *
     * @generated from enum value: RESULT_STATUS_APPLIED = 1;
     */
    readonly APPLIED: 1;
    /**
     * It was ordered and changed nothing; `reason` says why. This, too, is final and certified.
     *
     * @generated from enum value: RESULT_STATUS_DECLINED = 2;
     */
    readonly DECLINED: 2;
};
/**
 * The outcome of an ordered operation.
 *
 * @generated from enum countersign.v1.ResultStatus
 */
export type ResultStatus = (typeof ResultStatus)[keyof typeof ResultStatus] | UnknownEnum;
/**
 * Describes the enum countersign.v1.ResultStatus.
 */
export declare const ResultStatusSchema: GenEnum<ResultStatus>;
/**
 * The reason why an ordered operation changed nothing. If several hold, the first in this order is the reason.
 *
 * @generated from enum countersign.v1.DeclineReason
 */
export declare const DeclineReason: {
    /**
     * Never sent.
     *
     * @generated from enum value: DECLINE_REASON_UNSPECIFIED = 0;
     */
    readonly UNSPECIFIED: 0;
    /**
     * The block's time was after `valid_until`.
     *
     * @generated from enum value: DECLINE_REASON_EXPIRED = 1;
     */
    readonly EXPIRED: 1;
    /**
     * A wallet of this key and creation id exists.
     *
     * @generated from enum value: DECLINE_REASON_WALLET_EXISTS = 2;
     */
    readonly WALLET_EXISTS: 2;
    /**
     * The paid wallet does not exist.
     *
     * @generated from enum value: DECLINE_REASON_UNKNOWN_PAYEE = 3;
     */
    readonly UNKNOWN_PAYEE: 3;
    /**
     * The paid wallet does not hold the asset that the transfer names.
     *
     * @generated from enum value: DECLINE_REASON_ASSET_MISMATCH = 4;
     */
    readonly ASSET_MISMATCH: 4;
    /**
     * The paying wallet held less than the amount.
     *
     * @generated from enum value: DECLINE_REASON_INSUFFICIENT_FUNDS = 5;
     */
    readonly INSUFFICIENT_FUNDS: 5;
    /**
     * The supply of the asset would exceed 2^64 - 1.
     *
     * @generated from enum value: DECLINE_REASON_OVERFLOW = 6;
     */
    readonly OVERFLOW: 6;
    /**
     * A step of the key ceremony out of attempt, order or membership.
     *
     * @generated from enum value: DECLINE_REASON_CEREMONY_STEP_OUT_OF_PLACE = 7;
     */
    readonly CEREMONY_STEP_OUT_OF_PLACE: 7;
    /**
     * The creation brings no money, and its sponsor answers for as many wallets without money as the genesis allows.
     *
     * @generated from enum value: DECLINE_REASON_SPONSOR_QUOTA_USED = 8;
     */
    readonly SPONSOR_QUOTA_USED: 8;
};
/**
 * The reason why an ordered operation changed nothing. If several hold, the first in this order is the reason.
 *
 * @generated from enum countersign.v1.DeclineReason
 */
export type DeclineReason = (typeof DeclineReason)[keyof typeof DeclineReason] | UnknownEnum;
/**
 * Describes the enum countersign.v1.DeclineReason.
 */
export declare const DeclineReasonSchema: GenEnum<DeclineReason>;
