/** Lists of the ledger as clients ask for them, page by page, and the answers. */
import type { EntryRecord } from "../ledger/entry-record.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { Height } from "../primitives/numbers.ts";
import type { ReceiptQuery } from "./ledger-api.ts";

/** The page of a list: what all lists have. */
export interface PageQuery {
  readonly newestFirst: boolean;
  /** 1 to 1,000. */
  readonly pageSize: number;
  /** As a page before gave it. */
  readonly cursor?: string | undefined;
}

/** Places of the chain. All ends are included. */
export interface ChainRange {
  readonly fromHeight?: Height | undefined;
  readonly toHeight?: Height | undefined;
  /** Block time, milliseconds since the epoch. */
  readonly fromTime?: number | undefined;
  readonly toTime?: number | undefined;
}

/** Every page tells this of the state that it was read from. */
export interface PageAnswer {
  /** Absent on the last page. */
  readonly nextCursor?: string | undefined;
  readonly height: Height;
  /** Milliseconds since the epoch. */
  readonly blockTime: number;
  readonly lagging: boolean;
  /** The list has everything from this height on, and nothing below. */
  readonly completeFrom: Height;
}

export interface EntriesQuery extends PageQuery, ChainRange {
  readonly walletId: WalletId;
  readonly counterparty?: WalletId | undefined;
  readonly referencePrefix?: string | undefined;
}

export interface EntriesAnswer extends PageAnswer {
  readonly entries: readonly EntryInfo[];
}

export interface EntryInfo extends EntryRecord {
  readonly asset: string;
  readonly height: Height;
  readonly index: number;
  /** Asks for its receipt. */
  readonly receipt: ReceiptQuery;
}
