/** Lists of the ledger as clients ask for them, page by page, and the answers. */
import type { EntryRecord } from "../ledger/entry-record.ts";
import type { Header } from "../primitives/block.ts";
import type { Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { Height } from "../primitives/numbers.ts";
import type { Result } from "../primitives/result.ts";
import type { OrderedOperation, ReceiptQuery, WalletInfo } from "./ledger-api.ts";

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
  readonly withOperations?: boolean | undefined;
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
  /** The bytes that its author signed. */
  readonly operation?: Bytes | undefined;
}

export interface BlockListQuery extends PageQuery, ChainRange {}

export interface BlockListAnswer extends PageAnswer {
  readonly blocks: readonly BlockInfo[];
}

export interface BlockInfo {
  readonly hash: Digest;
  readonly header: Header;
  /** Height of the finalization that makes it final: its own, or one above. */
  readonly finalizationHeight: Height;
  /** Height of the seal that covers it; absent if there is none yet. */
  readonly sealHeight?: Height | undefined;
}

export interface BlockQuery extends Omit<PageQuery, "newestFirst"> {
  readonly block:
    | { readonly by: "height"; readonly height: Height }
    | { readonly by: "hash"; readonly hash: Digest };
}

export interface BlockAnswer extends Omit<PageAnswer, "completeFrom"> {
  readonly block: BlockInfo;
  readonly headerBytes: Bytes;
  /** Of this very block. */
  readonly finalization?: Bytes | undefined;
  readonly seal?: Bytes | undefined;
  readonly transactions: readonly TransactionInfo[];
}

export interface TransactionsQuery extends PageQuery, ChainRange {}

export interface TransactionsAnswer extends PageAnswer {
  readonly transactions: readonly TransactionInfo[];
}

export interface WalletsQuery extends Omit<PageQuery, "newestFirst"> {
  /** Of the whole ledger; otherwise the caller's own custodial ones. */
  readonly all: boolean;
}

export interface WalletsAnswer extends PageAnswer {
  readonly wallets: readonly WalletInfo[];
}

/** An ordered operation with its place in the chain. */
export interface TransactionInfo {
  readonly height: Height;
  readonly index: number;
  /** Block time, milliseconds since the epoch. */
  readonly time: number;
  readonly operation: OrderedOperation;
  readonly result: Result;
  /** Asks for its receipt; absent for a declined creation, which no query names. */
  readonly receipt?: ReceiptQuery | undefined;
}
