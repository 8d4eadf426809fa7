/** The calls of a client, in the protocol's own types: values in, an answer or a refusal out. */
import type { Caller } from "../access/principal.ts";
import type { Amount } from "../primitives/amount.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { NetworkId, OperationId, WalletId } from "../primitives/ids.ts";
import type { KeyCertificate } from "../primitives/key-certificate.ts";
import type { Epoch, Height, ValidatorIndex, View } from "../primitives/numbers.ts";
import type { Cancellation } from "../primitives/operations/cancellation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { WalletCreation } from "../primitives/operations/wallet-creation.ts";
import type { Receipt } from "../primitives/receipt.ts";
import type { Result } from "../primitives/result.ts";
import type { PublicKey, Signature } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";
import type { Capabilities, ProtocolRange } from "./capabilities.ts";
import type { EventsAnswer, EventsQuery } from "./ledger-events.ts";
import type {
  BlockAnswer,
  BlockListAnswer,
  BlockListQuery,
  BlockQuery,
  EntriesAnswer,
  EntriesQuery,
  TransactionsAnswer,
  TransactionsQuery,
  WalletsAnswer,
  WalletsQuery,
} from "./ledger-lists.ts";
import type { Refusal } from "./refusal.ts";
import type { TraceParent } from "./trace-parent.ts";

export interface LedgerApi {
  createWallet(command: CreationCommand, call: CallContext): Promise<CreationAnswer | Refusal>;
  transfer(command: TransferCommand, call: CallContext): Promise<TransferAnswer | Refusal>;
  /** A transfer of a stream; its answer is that of `transfer`. */
  submitTransfer(command: CanonicalTransfer, call: CallContext): Promise<TransferAnswer | Refusal>;
  /** Orders a cancellation; the answer is the result of whichever was ordered under the id. */
  cancel(command: CancellationCommand, call: CallContext): Promise<CancellationAnswer | Refusal>;
  getWallet(query: WalletQuery, call: CallContext): Promise<WalletAnswer | Refusal>;
  getReceipt(query: ReceiptQuery, call: CallContext): Promise<ReceiptAnswer | Refusal>;
  listEntries(query: EntriesQuery, call: CallContext): Promise<EntriesAnswer | Refusal>;
  listBlocks(query: BlockListQuery, call: CallContext): Promise<BlockListAnswer | Refusal>;
  getBlock(query: BlockQuery, call: CallContext): Promise<BlockAnswer | Refusal>;
  listTransactions(
    query: TransactionsQuery,
    call: CallContext,
  ): Promise<TransactionsAnswer | Refusal>;
  listWallets(query: WalletsQuery, call: CallContext): Promise<WalletsAnswer | Refusal>;
  /** Ends with a refusal, or when the signal of the call aborts. */
  subscribe(query: EventsQuery, call: CallContext): AsyncIterable<EventsAnswer | Refusal>;
  listPeers(call: CallContext): readonly PeerInfo[];
  getNetwork(call: CallContext): NetworkInfo;
  getStatus(call: CallContext): StatusInfo;
  throughput(call: CallContext): ThroughputInfo;
}

/** The caller of a call and its deadline. */
export interface CallContext {
  /** Its scopes suffice for the call (call-gate.ts). */
  readonly caller: Caller;
  /** The text under which this caller's use of shared rates is counted: its principal, or its address if it has none. */
  readonly countedAs: string;
  /** Aborts when the caller leaves, its time is over or the listener closes, and after every answer. */
  readonly signal: AbortSignal;
  /** Milliseconds for which the caller waits, counted from the arrival of the call; undefined if it named no deadline. */
  readonly timeLeftMs: number | undefined;
  /** The span of which the call is a part, as the caller says. */
  readonly trace?: TraceParent | undefined;
}

export type WaitFor = "final" | "sealed";

/** The reason why a final result carries no seal. */
export interface Unsealed {
  readonly reason: "notYet" | "noGroupKey" | "tooFewHolders";
  /** For a person. */
  readonly message: string;
}

/** Signed by the client: the gateway adds at most a sponsor. */
export interface SignedCreation {
  readonly kind: "signed";
  readonly creation: WalletCreation;
  readonly signature: Signature;
  readonly wait: WaitFor;
}

/** For the gateway to sign, after it has filled in absent fields. */
export interface CustodialCreation {
  readonly kind: "custodial";
  /** Absent for none. */
  readonly initialBalance?: Amount | undefined;
  readonly creationId?: OperationId | undefined;
  readonly asset?: string | undefined;
  readonly publicKey?: PublicKey | undefined;
  readonly validUntil?: number | undefined;
  readonly wait: WaitFor;
}

export type CreationCommand = SignedCreation | CustodialCreation;

/** Signed by the client; the author is the key of the paying wallet, which the state holds. */
export interface SignedTransfer {
  readonly kind: "signed";
  readonly transfer: Omit<Transfer, "author">;
  readonly signature: Signature;
  readonly wait: WaitFor;
}

/** For the gateway to sign, after it has filled in absent fields. */
export interface CustodialTransfer {
  readonly kind: "custodial";
  readonly from: WalletId;
  readonly to: WalletId;
  /** Absent: the asset of the paying wallet. */
  readonly asset?: string | undefined;
  readonly amount: Amount;
  readonly id?: OperationId | undefined;
  readonly reference?: string | undefined;
  readonly validUntil?: number | undefined;
  readonly wait: WaitFor;
}

/** A transfer in the bytes that its client signed, not decoded yet. */
export interface CanonicalTransfer {
  readonly bytes: Bytes;
  readonly wait: WaitFor;
}

/** Signed by the client; the author is the key of the paying wallet, which the state holds. */
export interface CancellationCommand {
  readonly cancellation: Omit<Cancellation, "author">;
  readonly signature: Signature;
  readonly wait: WaitFor;
}

export type TransferCommand = SignedTransfer | CustodialTransfer;

export interface WalletInfo {
  readonly id: WalletId;
  readonly asset: string;
  readonly balance: Amount;
  readonly publicKey: PublicKey;
  /** Number of applied operations that have changed it. */
  readonly entries: number;
  /** Absent at a past height, unless nothing changed the wallet since. */
  readonly statementHead?: Digest | undefined;
  /** Node id of the gateway that keeps the key. */
  readonly custodian?: string | undefined;
}

export interface OrderedCreation {
  readonly walletId: WalletId;
  readonly creation: WalletCreation;
}

export interface CreationAnswer extends OrderedCreation {
  /** The wallet as it was created; absent if the creation was declined. */
  readonly wallet?: WalletInfo | undefined;
  readonly result: Result;
  readonly receipt: Receipt;
  /** Absent if the receipt carries a seal. */
  readonly unsealed?: Unsealed | undefined;
}

export interface TransferAnswer {
  readonly transfer: Transfer;
  readonly result: Result;
  readonly receipt: Receipt;
  /** Absent if the receipt carries a seal. */
  readonly unsealed?: Unsealed | undefined;
}

/** The operation that was ordered under the id: the cancellation, or the payment. */
export interface CancellationAnswer {
  readonly operation: Exclude<OrderedOperation, { readonly kind: "creation" }>;
  readonly result: Result;
  readonly receipt: Receipt;
  /** Absent if the receipt carries a seal. */
  readonly unsealed?: Unsealed | undefined;
}

export interface WalletQuery {
  readonly id: WalletId;
  readonly minHeight?: Height | undefined;
  /** The wallet as it stood after this block; absent: as it stands now. */
  readonly atHeight?: Height | undefined;
  readonly prove?: boolean | undefined;
}

export interface WalletAnswer {
  /** Absent only beside the proof of its absence. */
  readonly wallet?: WalletInfo | undefined;
  /** Canonical bytes (primitives/wallet-proof.ts). */
  readonly proof?: Bytes | undefined;
  readonly height: Height;
  /** Milliseconds since the epoch. */
  readonly blockTime: number;
  readonly lagging: boolean;
}

export type ReceiptQuery =
  /** Of a transfer, or of the cancellation that took its id. */
  | { readonly kind: "transfer"; readonly from: WalletId; readonly id: OperationId }
  | { readonly kind: "creation"; readonly walletId: WalletId };

/** An ordered operation as clients see it. */
export type OrderedOperation =
  | { readonly kind: "transfer"; readonly transfer: Transfer }
  | { readonly kind: "cancellation"; readonly cancellation: Cancellation }
  | ({ readonly kind: "creation" } & OrderedCreation);

export interface ReceiptAnswer {
  readonly operation: OrderedOperation;
  readonly result: Result;
  readonly receipt: Receipt;
  /** Absent if the receipt carries a seal. */
  readonly unsealed?: Unsealed | undefined;
}

/** Another member, as far as this node knows; the fields are those of the message Peer. */
export interface PeerInfo {
  readonly nodeId: string;
  readonly address: string;
  readonly publicKey: PublicKey;
  readonly clientAddress: string;
  readonly connected: boolean;
  /** 0 if it has reported none. */
  readonly lastHeight: number;
  /** 0 if none. */
  readonly votedHeight: number;
  /** 0 if none. */
  readonly view: number;
  readonly sealPresent: boolean;
  /** 0 if it has never registered here. */
  readonly registrationNumber: number;
  /** Undefined if it was not heard of since this process started. */
  readonly silentMs: number | undefined;
  /** Undefined if it has not registered with this process. */
  readonly software: PeerSoftwareInfo | undefined;
  /** Undefined before it has told. */
  readonly bodiesFrom: number | undefined;
}

/** The fields are those of PeerSoftware. */
export interface PeerSoftwareInfo extends Capabilities {
  /** Undefined if there is no version that both nodes speak. */
  readonly agreed: number | undefined;
}

export interface NetworkInfo {
  readonly networkId: NetworkId;
  /** Absent until the key is final. */
  readonly keyCertificate?: KeyCertificate | undefined;
  readonly epoch: Epoch;
  readonly assets: readonly { readonly code: string; readonly scale: number }[];
  readonly issuers: readonly PublicKey[];
  readonly validators: readonly Validator[];
  readonly graceMs: number;
  readonly lifetimeMsMax: number;
  readonly clockSkewMs: number;
  readonly ceremony: CeremonyInfo;
  /** The holders of a share of the group key, as named by the ledger; empty until the key is final. */
  readonly sealHolders: readonly ValidatorIndex[];
}

export interface CeremonyInfo {
  readonly status: "notStarted" | "running" | "complete";
  /** 0 if there was none. */
  readonly attempt: number;
  /** Node ids. */
  readonly members: readonly string[];
  readonly missing: readonly string[];
  /** Excluded from the attempt, or from the next one: blamed, or silent in an earlier attempt. */
  readonly excluded: readonly string[];
  /** Milliseconds since the epoch; absent if no attempt is open. */
  readonly deadline?: number | undefined;
}

/** This node's share of the group key: there is no key, it has its share, it never had one, or it has lost it. */
export type SealShare = "notYet" | "held" | "leftOut" | "missing";

/** The fields are those of GetStatusResponse. */
export interface StatusInfo {
  readonly nodeId: string;
  readonly version: string;
  readonly networkId: NetworkId;
  readonly height: Height;
  readonly view: View;
  readonly epoch: Epoch;
  readonly blockHash: Digest;
  readonly blockTime: number;
  readonly stateRoot: Digest;
  /** 0 if none. */
  readonly sealedHeight: number;
  /** Absent if the node is ready; otherwise the reason why it is not, in words. */
  readonly notReadyBecause?: string | undefined;
  readonly lagging: boolean;
  readonly validatorCount: number;
  readonly connectedPeers: number;
  readonly pendingOperations: number;
  readonly memoryPercent: number;
  readonly keyFinal: boolean;
  readonly startedAt: number;
  /** Views that ended by this node's timeout since the process started. */
  readonly timedOutViews: number;
  /** The lowest block held together with all those above it; 1 if the history has no hole. */
  readonly historyFrom: number;
  readonly bodiesFrom: number;
  /** The node casts no vote below this view, because it has rejoined (R28); 1 if it has not. */
  readonly firstView: View;
  readonly sealShare: SealShare;
  readonly sealHolders: number;
  readonly sealHoldersPresent: number;
  /** Below 0 no seal can be made; absent until the key is final. */
  readonly sealMargin?: number | undefined;
  /** Sentences; empty if the network tolerates as many failures as it promises, as far as this node knows. */
  readonly reducedBecause: readonly string[];
  /** Of the next block (L29). */
  readonly ruleset: number;
  readonly rulesetMax: number;
  readonly protocol: ProtocolRange;
  /** The lead of the node's clock over its peers'; absent while too few peers have answered. */
  readonly clockAheadMs?: number | undefined;
  /** Times of the orders that the node answered in the last minute, milliseconds; absent if there were none. */
  readonly answers?: { readonly medianMs: number; readonly p95Ms: number } | undefined;
}

/** The blocks that were committed in the last minute; the fields are those of the message Throughput. */
export interface ThroughputInfo {
  /** Of the last 60 whole seconds, the oldest first. */
  readonly operations: readonly number[];
  readonly blockMsMedian: number | undefined;
}
