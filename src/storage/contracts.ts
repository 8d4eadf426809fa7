/**
 * The storage contract of a node. It takes and returns canonical bytes and simple keys, and does not know their
 * meaning.  Ownership: neither side changes bytes after it has handed them over. Order: writes take effect in the
 * order of their calls, over all parts of a store. The durable state is always a prefix of that order: a write never
 * survives a crash without all writes called before it. Durability: the promise of a write settles only when the
 * write is synced to disk. Each call is atomic. Writes called during a sync share the next one. Visibility: a write
 * is certain to be visible to reads only once its promise has settled. Errors: StorageCorruption names a damaged
 * record, which is never handed out. After a failed write, every later write is refused with its error, "writeFailed"
 * or StorageCorruption, because only a new start can tell what the disk holds; reads go on. After `close`: "closed".
 */
import type { Principal } from "../access/principal.ts";
import type { Scope } from "../access/scope.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { NetworkId, WalletId } from "../primitives/ids.ts";
import type { Height, ValidatorIndex } from "../primitives/numbers.ts";
import type { Fault } from "./faults.ts";
import type { History } from "./history.ts";
import type { Entry } from "./key-value.ts";
import type { StoreFigures } from "./store-figures.ts";

/** A node's own votes and decisions, durable before they are sent (R23). */
export interface Journal {
  /** The number that the next record will have. */
  readonly next: number;
  /** Appends in order, all or none. Returns the sequence number of the first; numbers have no gap and never repeat. */
  append(records: readonly Bytes[]): Promise<number>;
  /** All records that are kept, ascending. */
  load(): Promise<readonly JournalRecord[]>;
  /** Forgets every record with a number below `sequence`. */
  pruneBelow(sequence: number): Promise<void>;
}

export interface JournalRecord {
  readonly sequence: number;
  readonly bytes: Bytes;
}

/** The finalized blocks, with what proves them final. */
export interface Blocks {
  /** As of the last durable write. */
  readonly history: History;
  /** Bodies and results below this height are dropped, or being dropped, but for a few. 1: none are. */
  readonly bodiesFrom: Height;
  /** The last committed block; undefined before the first. */
  loadTip(): Promise<ChainTip | undefined>;
  /** Undefined if it is not held, or if its body is dropped. */
  loadBlock(height: Height): Promise<StoredBlock | undefined>;
  /** Canonical header bytes, without the cost of the body. */
  loadHeader(height: Height): Promise<Bytes | undefined>;
  loadHeightOf(blockHash: Digest): Promise<Height | undefined>;
  /** The certificate that makes `height` final: the one of the lowest certified height at or above it. */
  loadFinalization(height: Height): Promise<StoredFinalization | undefined>;
  /**
   * From `from` to `to`, both included; `to` is the tip if absent or above it. It ends before a block whose body is dropped, also while it
   * is read. A hole is corruption.
   */
  ascending(from: Height, to?: Height): AsyncIterable<StoredBlock>;
}

/** The place and the result of each operation that was ordered. */
export interface OperationIndex {
  /** The results of a block, as they were handed in with it. */
  loadResults(height: Height): Promise<Bytes | undefined>;
  /** Where the operation of this key (primitives/operation.ts) was first ordered. */
  loadOperation(key: string): Promise<OperationLocation | undefined>;
  /** Where the operation that created this wallet was ordered. */
  loadCreation(wallet: WalletId): Promise<OperationLocation | undefined>;
}

/** The entries of wallets' statements, and declined payments, by wallet and place in the chain. */
export interface StatementIndex {
  /** The entries of a wallet within the range, in its order. */
  entries(wallet: WalletId, range: PlaceRange): AsyncIterable<StoredEntry>;
  /** The payments within the range that were to be paid by this wallet and were declined. */
  declines(wallet: WalletId, range: PlaceRange): AsyncIterable<OperationLocation>;
}

/** Both ends are included. */
export interface PlaceRange {
  readonly from: OperationLocation;
  readonly to: OperationLocation;
  readonly newestFirst: boolean;
  /** All, if absent. */
  readonly limit?: number | undefined;
}

export interface StoredEntry extends OperationLocation {
  /** As it was handed in. */
  readonly record: Bytes;
}

/** The ledger's state after the last committed block. */
export interface StoredState {
  /** Newest record of one wallet. */
  loadWallet(id: WalletId): Promise<Bytes | undefined>;
  /**
   * Newest records of all wallets from id `from` on, or of the first `limit` of them, in the order of ids, as of the first
   * step of the iteration.
   */
  wallets(from?: WalletId, limit?: number): AsyncIterable<StoredWallet>;
  /** The same of all wallets, many at once, without making texts of their ids: for a start, which reads a million of them. */
  walletParts(): AsyncIterable<readonly PackedWallet[]>;
  /** The newest ceremony record handed in with a commit. */
  loadCeremony(): Promise<Bytes | undefined>;
}

/** Writes blocks, their index and the state after them. */
export interface ChainWriter {
  /**
   * Applies finalized blocks in one atomic batch. The first must be the child of the tip by height, that of the genesis
   * if nothing is stored yet. Commits may be called without waiting for earlier ones.
   */
  commit(commit: Commit): Promise<void>;
  /**
   * Starts the chain anew above a hole, in one atomic batch: the one block of the commit becomes the tip, and its
   * wallets must be all wallets. Only while the history is whole.
   */
  startFrom(commit: Commit): Promise<void>;
  /** Writes blocks of the hole in one atomic batch: the highest must be the parent of the lowest block held above it. */
  fill(past: PastBlocks): Promise<void>;
  /**
   * Drops bodies and results of the blocks below `to`, in one atomic batch, but for those of `kept`. Headers, certificates, seals
   * and indexes stay. Only while the history is whole; `to` is at most the tip.
   */
  prune(to: Height, kept: ReadonlySet<Height>): Promise<void>;
}

/** Replaces committed records that the disk has damaged. */
export interface BlockRepair {
  /** Writes header and body of a committed block again: the same bytes as before the damage. */
  rewriteBlock(block: StoredBlock): Promise<void>;
  /** Replaces all finalizations from `from` up to the height of this one, which must certify `from` too. */
  replaceFinalizations(from: Height, finalization: StoredFinalization): Promise<void>;
}

export interface Commit {
  /** At least one, ascending, without a gap. */
  readonly blocks: readonly FinalizedBlock[];
  /** The finalization of the last of them, which makes all of them final. */
  readonly finalization: Bytes;
  /** The record after the last block of every wallet that the blocks touched. */
  readonly wallets: readonly StoredWallet[];
  /** The ceremony record after the last block; absent: unchanged. */
  readonly ceremony?: Bytes | undefined;
  /** In the same batch, drops journal records below this sequence number. */
  readonly pruneJournalBelow?: number | undefined;
}

export interface FinalizedBlock extends StoredBlock {
  readonly hash: Digest;
  /** Encoded results, which receipts need besides the operations. */
  readonly results: Bytes;
  /** The key of each operation, in order. A key that is stored already keeps its first location. */
  readonly operationKeys: readonly string[];
  /** Wallets that this block created, with the place of their creating operation. */
  readonly creations: readonly { readonly wallet: WalletId; readonly index: number }[];
  /** The entries that it made in the statements of wallets; one at most for each wallet and place. */
  readonly entries: readonly {
    readonly wallet: WalletId;
    readonly index: number;
    readonly record: Bytes;
  }[];
  /** Its declined payments, each with the wallet that was to pay. */
  readonly declines: readonly { readonly wallet: WalletId; readonly index: number }[];
}

export interface StoredBlock {
  readonly height: Height;
  /** Canonical header bytes. */
  readonly header: Bytes;
  /** Canonical bytes with signatures, in order. */
  readonly operations: readonly Bytes[];
}

export interface ChainTip {
  readonly height: Height;
  readonly hash: Digest;
}

export interface StoredFinalization {
  /** The height it certifies. */
  readonly height: Height;
  readonly certificate: Bytes;
}

/** As a start reads it. */
export interface PackedWallet {
  /** The 16 bytes of its id. */
  readonly id: Bytes;
  readonly record: Bytes;
}

export interface StoredWallet {
  readonly id: WalletId;
  /** Canonical wallet record. */
  readonly record: Bytes;
}

export interface OperationLocation {
  readonly height: Height;
  /** Place in the block, from 0. */
  readonly index: number;
}

/** Blocks that were final before the snapshot, with what certifies some of them. */
export interface PastBlocks {
  /** At least one, descending, without a gap. */
  readonly blocks: readonly FinalizedBlock[];
  readonly finalizations: readonly StoredFinalization[];
  readonly seals: readonly StoredSeal[];
}

/** Threshold signatures over finalized headers. Two seals of one header are equally good; the newer one is kept. */
export interface Seals {
  /** Synced when it settles. */
  save(height: Height, seal: Bytes): Promise<void>;
  /**
   * As `save`, but without a sync of its own: the seal goes to disk with the next write, with `flush`, or when the store is
   * closed, and a crash before that loses it. Readers find it at once.
   */
  saveWithNext(height: Height, seal: Bytes): Promise<void>;
  /** Writes the seals that wait for another write, if any do; settles when they and all earlier writes are synced. */
  flush(): Promise<void>;
  load(height: Height): Promise<Bytes | undefined>;
  /** The seal of the lowest sealed height at or above `height`. */
  loadAtOrAbove(height: Height): Promise<StoredSeal | undefined>;
  loadHighest(): Promise<StoredSeal | undefined>;
  /** Removes one that the disk has damaged. */
  forget(height: Height): Promise<void>;
}

export interface StoredSeal {
  readonly height: Height;
  readonly seal: Bytes;
}

/** The newest registration of each validator. */
export interface Registrations {
  /**
   * Replaces the held registration of `validator` if `replaces(held)` allows it, with no other save in between.
   * Settles when the registration that it reports is durable.
   */
  save(
    validator: ValidatorIndex,
    registration: Bytes,
    replaces: (held: Bytes) => boolean,
  ): Promise<{ readonly saved: true } | { readonly saved: false; readonly held: Bytes }>;
  load(): Promise<ReadonlyMap<ValidatorIndex, Bytes>>;
}

/** The identity of this node's own journal, which its peers know (A1). */
export interface JournalIdentity {
  /** Random, 1 to 64 bytes. */
  readonly journalId: Bytes;
  /** The number of starts on this journal; 1 at the first. */
  readonly starts: number;
  /** The journal holds every vote that its node cast in this view and above. */
  readonly firstView: number;
  /** Peers have shown that this journal lacks votes that its node has sent. */
  readonly amnesiac: boolean;
  /** This journal replaces a lost one, by the rejoin procedure. */
  readonly rejoined: boolean;
}

export interface JournalIdentityRecord {
  /**
   * Counts one more start. The first one on a new store creates the identity with `journalId`, of a journal that lost
   * nothing. Synced when it settles.
   */
  countStart(fresh: { journalId: Bytes }): Promise<JournalIdentity>;
  load(): Promise<JournalIdentity | undefined>;
  /** Used for the verdict of amnesia, and for a rejoined journal. */
  save(identity: JournalIdentity): Promise<void>;
}

/** The vote of the highest view seen from each validator, which reveals that validator's amnesia. */
export interface WitnessedVotes {
  /** Replaces the votes held of these validators. */
  save(votes: ReadonlyMap<ValidatorIndex, Bytes>): Promise<void>;
  load(): Promise<ReadonlyMap<ValidatorIndex, Bytes>>;
}

/** The newest approval of a ruleset by each validator, this node's own included (L30). */
export interface ApprovalRecords {
  /** Replaces the approval held of this validator. */
  save(validator: ValidatorIndex, approval: Bytes): Promise<void>;
  load(): Promise<ReadonlyMap<ValidatorIndex, Bytes>>;
}

/** Operations that a gateway signed for its custodial callers, so that a retry gets the same bytes (L24). */
export interface CustodyJournal {
  /** Stores `signed` unless an operation is stored already; returns the stored one. Synced before it settles. */
  putIfAbsent(entry: CustodyKey, signed: Bytes): Promise<Bytes>;
  load(entry: CustodyKey): Promise<Bytes | undefined>;
}

export interface CustodyKey {
  /** The principal, at most 1,024 bytes of UTF-8. */
  readonly caller: string;
  /** The caller's id for the operation, at most 1,024 bytes of UTF-8. */
  readonly id: string;
}

/** The principals for whom this gateway signed the creation of wallets. */
export interface WalletOwners {
  /** Makes `principal` the owner unless there is one, and gives the owner. Synced before it settles. */
  claim(wallet: WalletId, principal: Principal): Promise<Principal>;
  ownerOf(wallet: WalletId): Promise<Principal | undefined>;
  /** The wallets from id `from` on that the principal has claimed, in the order of ids. */
  claimsOf(principal: Principal, from: WalletId): AsyncIterable<WalletId>;
}

/** A bearer token, without its text. Times are milliseconds since 1970. */
export interface StoredToken {
  /** SHA-256 of its text. */
  readonly hash: Digest;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  /** Absent: it never expires. */
  readonly expiresAt?: number | undefined;
  readonly lastUsedAt?: number | undefined;
  readonly revokedAt?: number | undefined;
}

/** The bearer tokens of this node, those included that hold no more. */
export interface TokenRecords {
  /** Stores the token in place of the one with the same hash. Synced before it settles. */
  save(token: StoredToken): Promise<void>;
  forget(hash: Digest): Promise<void>;
  load(): Promise<readonly StoredToken[]>;
}

/** An endpoint to which this node posts events; its secret is in the key ring. */
export interface StoredWebhook {
  /** Lower-case letters, digits and hyphens, at most 64. */
  readonly name: string;
  readonly url: string;
  /** Absent: the transactions of the whole ledger. */
  readonly walletId?: WalletId | undefined;
  /** PEM of the authorities of its TLS certificate; absent: the public ones. */
  readonly authority?: string | undefined;
  /** It may have a loopback or private address. */
  readonly isPrivate: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The progress of the deliveries to an endpoint. */
export interface WebhookProgress {
  /** Everything up to here was delivered, or is a dead letter. */
  readonly place: OperationLocation;
  /** Since when the next message has been refused, milliseconds since 1970; absent: it was not. */
  readonly failingSince?: number | undefined;
}

/** A message that was given up: the events behind `behind`, up to `end`. */
export interface DeadLetter {
  readonly behind: OperationLocation;
  readonly end: OperationLocation;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The failure of the last attempt. */
  readonly problem: string;
}

/** The endpoints of this node, each with its place and its dead letters. Every write is synced before it settles. */
export interface WebhookRecords {
  load(): Promise<readonly (StoredWebhook & { readonly progress: WebhookProgress })[]>;
  /** Of an endpoint, or of another sink, whose name has a dot. */
  loadProgress(name: string): Promise<WebhookProgress | undefined>;
  /** The one that has come least far, of all endpoints and other sinks; undefined if there are none. */
  lowestProgress(): Promise<
    { readonly name: string; readonly place: OperationLocation } | undefined
  >;
  add(webhook: StoredWebhook, progress: WebhookProgress): Promise<void>;
  /** With its place and its dead letters, in one batch. */
  remove(name: string): Promise<void>;
  saveProgress(name: string, progress: WebhookProgress): Promise<void>;
  /** Keeps a message that was given up, and moves on behind it, in one batch. */
  bury(name: string, letter: DeadLetter): Promise<void>;
  forgetLetter(name: string, letter: DeadLetter): Promise<void>;
  /** In the order of the chain. */
  deadLetters(name: string): Promise<readonly DeadLetter[]>;
}

/** Messages that prove a peer's fault. */
export interface EvidenceRecords {
  /** Records that are held. */
  readonly size: number;
  /** "known": the same bytes are stored; "full": enough is stored for this member and kind, so this one is dropped. */
  append(fault: Fault, evidence: Bytes): Promise<"stored" | "known" | "full">;
  /** By member and kind, the oldest first. */
  load(): Promise<readonly Bytes[]>;
}

/** Numbers of records. */
export interface RecordCounts {
  /** All kinds together. */
  readonly all: number;
  readonly headers: number;
  readonly bodies: number;
  readonly results: number;
  readonly finalizations: number;
  /** Heights by block hash. */
  readonly blockHashes: number;
  /** Locations by operation. */
  readonly operations: number;
  /** Locations by the wallet that was created. */
  readonly creations: number;
  /** Entries of statements. */
  readonly entries: number;
  /** Declined payments. */
  readonly declines: number;
}

/** Everything that a node stores, except keys (key-ring.ts). */
export interface Store {
  readonly journal: Journal;
  readonly blocks: Blocks;
  readonly operations: OperationIndex;
  readonly statements: StatementIndex;
  readonly state: StoredState;
  readonly chain: ChainWriter;
  readonly repair: BlockRepair;
  readonly seals: Seals;
  readonly registrations: Registrations;
  readonly witnessedVotes: WitnessedVotes;
  readonly approvals: ApprovalRecords;
  readonly journalIdentity: JournalIdentityRecord;
  readonly custody: CustodyJournal;
  readonly evidence: EvidenceRecords;
  readonly walletOwners: WalletOwners;
  readonly tokens: TokenRecords;
  readonly webhooks: WebhookRecords;
  /** Of its writes since it was opened. */
  readonly figures: StoreFigures;
  /** Reads and counts all records of all kinds. For the check of a whole store. */
  readAll(): Promise<RecordCounts>;
  /**
   * The records of a backup (backup-records.ts) with their checksums, in the order of keys, as of the first step. Other calls
   * go on meanwhile.
   */
  backup(): AsyncIterable<Entry>;
  /** Waits for all earlier writes, then closes the folder. May be called again. */
  close(): Promise<void>;
}

/** The network that a store must belong to. */
export interface StoreIdentity {
  readonly networkId: NetworkId;
}
