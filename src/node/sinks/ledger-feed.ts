/** The source of sinks: the events of the ledger behind a place, by the same pages of which streams to clients consist. */
import type { Caller } from "../../access/principal.ts";
import type { WalletId } from "../../primitives/ids.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { OperationLocation } from "../../storage/contracts.ts";
import type { LedgerEvent } from "../../transport/ledger-events.ts";
import type { Refusal } from "../../transport/refusal.ts";

/** A sink, as those that read lists are counted. */
export interface FeedReader {
  readonly caller: Caller;
  readonly countedAs: string;
}

export interface FeedPage {
  /** In the order of the chain, at most as many as a message of a stream has. */
  readonly events: readonly LedgerEvent[];
  /** The next page is behind this place. */
  readonly end: OperationLocation;
  /** This page and those before it have all events up to this height. */
  readonly completeTo: number;
  /** Milliseconds until the next page is worth a look, unless there is news before; 0 if there are more events. */
  readonly pauseMs: number;
}

/** Wakes one who waits for what is committed next. */
export interface FeedNews {
  /** All that was committed so far is no news any more. */
  forget(): void;
  /** Settles at news, after `ms` of the node's clock, or at `signal`. */
  news(ms: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

export interface LedgerFeed {
  /** The height of the finalized state. */
  readonly tip: Height;
  knowsWallet(wallet: WalletId): boolean;
  /** The place behind which the events of this height, and of all above it, are. */
  before(height: Height): OperationLocation;
  /** Of one wallet, or the transactions of the whole ledger. */
  after(
    wallet: WalletId | undefined,
    place: OperationLocation,
    reader: FeedReader,
  ): Promise<FeedPage | Refusal>;
  follow(wallet: WalletId | undefined): FeedNews;
}
