/** The calls between nodes, in the protocol's own types; a node answers them, and peer-client.ts makes them. */
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { Epoch, Height, ValidatorIndex, View } from "../primitives/numbers.ts";
import type { Signature } from "../primitives/signature.ts";
import type { Certificate, Vote } from "../primitives/vote.ts";
import type { SealNotice } from "../seal/messages.ts";
import type { Refusal } from "./refusal.ts";
import type { Greeting, SignedRegistration } from "./registration.ts";
import type { SignedVerification, VerificationAnswer } from "./verification.ts";

/**
 * `caller` is the member at the other end, proved by its peer certificate. On the plain paths of the client listener
 * it is undefined: only the signature in the body proves something there. `signal` aborts when the caller no longer waits
 * for the answer; a question that still waits for its rate then costs no further work.
 */
export interface PeerApi {
  /** Answers with the callee's own. */
  register(
    greeting: Greeting,
    caller: ValidatorIndex | undefined,
    signal?: AbortSignal,
  ): Promise<Greeting | Refusal>;
  /** Gives this node's records of the caller. */
  recall(caller: ValidatorIndex): Promise<Recollection | Refusal>;
  verification(
    signed: SignedVerification,
    caller: ValidatorIndex | undefined,
    signal?: AbortSignal,
  ): Promise<VerificationAnswer | Refusal>;
  /**
   * One batch of a peer's link, in order; the next one is read only when this settles. A refusal ends the link.
   * `signal` aborts when the link ends for another reason.
   */
  receive(
    caller: ValidatorIndex,
    batch: LinkBatch,
    signal?: AbortSignal,
  ): Promise<Refusal | undefined>;
  fetchBlocks(
    query: BlocksQuery,
    caller: ValidatorIndex,
    signal?: AbortSignal,
  ): Promise<FetchedBlocks | Refusal>;
  /** Those of the requested operations that are held, in the order of the request. */
  fetchOperations(
    leafHashes: readonly Digest[],
    caller: ValidatorIndex,
    signal?: AbortSignal,
  ): Promise<readonly Bytes[] | Refusal>;
  fetchCertificates(
    query: CertificatesQuery,
    caller: ValidatorIndex,
  ): Promise<FetchedCertificates | Refusal>;
  fetchSnapshot(
    query: SnapshotQuery,
    caller: ValidatorIndex,
    signal?: AbortSignal,
  ): Promise<FetchedSnapshot | Refusal>;
  readClock(caller: ValidatorIndex): Promise<ClockInfo | Refusal>;
}

export interface ClockInfo {
  /** The callee's wall clock: milliseconds since the epoch. */
  readonly wallClock: number;
  /** From this height on the callee keeps the contents of blocks; undefined if it does not say. */
  readonly bodiesFrom?: number | undefined;
}

/** One node's records of another. Nothing in them is checked: the asking node judges each part. */
export interface Recollection {
  /** The newest registration of the asking node. */
  readonly registration: SignedRegistration | undefined;
  /** The vote of the asking node in the highest view. */
  readonly vote: Vote | undefined;
  /** The view the callee is in. */
  readonly view: View;
  /** The certificate by which the callee entered `view`; none for view 1. */
  readonly entry: Certificate | undefined;
  /** The finalization of the highest block that the callee knows to be final; none before the first one. */
  readonly finalization: Certificate | undefined;
}

/** Canonical bytes, as in messages of the link. */
export interface LinkBatch {
  readonly operations: readonly Bytes[];
  readonly consensusMessages: readonly Bytes[];
  readonly seals: readonly SealNotice[];
}

export interface BlocksQuery {
  /** Upwards from a height, or downwards from a block to just above `above`. */
  readonly start:
    | { readonly kind: "height"; readonly height: Height }
    | { readonly kind: "hash"; readonly hash: Digest; readonly above: Height };
  /** 1 to `LIMITS.fetchedBlocksMax`. */
  readonly count: number;
  readonly headersOnly: boolean;
  /** Downwards only: final blocks, with the results of their operations and the certificates of some of them. */
  readonly withResults?: boolean;
}

export interface FetchedBlock {
  /** Canonical header bytes. */
  readonly header: Bytes;
  /** Canonical operations with signatures; empty if only headers were requested. */
  readonly operations: readonly Bytes[];
  /** The number of results, then one byte for each, as in storage. */
  readonly results?: Bytes | undefined;
  /** Canonical, of this very block. */
  readonly finalization?: Bytes | undefined;
  readonly seal?: Signature | undefined;
}

export interface FetchedBlocks {
  readonly blocks: readonly FetchedBlock[];
  /** Canonical; of the highest of `blocks`, or of a block above it. */
  readonly finalization?: Bytes | undefined;
  /** The callee's. */
  readonly finalHeight: Height;
}

export interface CertificatesQuery {
  readonly epoch: Epoch;
  /** The view the caller is in. */
  readonly view: View;
}

export interface FetchedCertificates {
  /** The view the callee is in. */
  readonly view: View;
  /** Canonical certificates by which a node enters views above the caller's. */
  readonly certificates: readonly Bytes[];
  /** The highest held; absent at the genesis. */
  readonly finalization?: Bytes | undefined;
}

export interface SnapshotQuery {
  /** Undefined: asks which snapshot there is, without its wallets. */
  readonly height: Height | undefined;
  /** Asks for the wallets after this one; undefined: from the first. */
  readonly after: WalletId | undefined;
}

/** A part of the state after a final block. */
export interface FetchedSnapshot {
  /** Canonical header bytes. */
  readonly header: Bytes;
  /** Canonical, of that block. */
  readonly finalization: Bytes;
  /** Canonical; with the first wallets. */
  readonly ceremony?: Bytes | undefined;
  /** Canonical records, ascending by the key of the wallet trie. */
  readonly wallets: readonly Bytes[];
}
