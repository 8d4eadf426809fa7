/**
 * Lists as async iterators over their pages, and the statement of a wallet. A node may lie: what a list must keep by itself is
 * checked (its order, its numbers without a gap, balances that add up), and a list that does not keep it ends with `ListFault`.
 * The receipt of an entry is its proof; a statement as a whole is the word of the node that was asked.
 */
import type { CallOptions } from "@connectrpc/connect";
import { type Entry, ListOrder } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { GatewayClient } from "./gateway-client.ts";
/** A list of a node contradicts itself: the node lies or is broken. Ask another one. */
export declare class ListFault extends Error {
    readonly name = "ListFault";
}
/** A stretch of the chain, its direction, and the size of its pages. */
export interface ChainTerms {
    /** Default: the newest first. */
    readonly oldestFirst?: boolean | undefined;
    /** Heights and block times, both ends included; times are milliseconds since the epoch. */
    readonly fromHeight?: bigint | undefined;
    readonly toHeight?: bigint | undefined;
    readonly fromTime?: bigint | undefined;
    readonly toTime?: bigint | undefined;
    /** Of one page, 1 to 1,000; default 100. The iterator goes over all pages. */
    readonly pageSize?: number | undefined;
    /** Called with what each page says of itself, before its items are given. */
    readonly onPage?: ((page: PageState) => void) | undefined;
}
export interface StatementTerms extends ChainTerms {
    readonly walletId: string;
    /** Only payments from and to this wallet. */
    readonly counterparty?: string | undefined;
    /** Only entries whose reference begins with this text. */
    readonly referencePrefix?: string | undefined;
}
export type ListCallOptions = Pick<CallOptions, "signal" | "timeoutMs" | "contextValues">;
/** The state that a page was read from. */
export interface PageState {
    readonly height: bigint;
    readonly blockTime: bigint;
    readonly lagging: boolean;
    /**
     * 1 if the node has everything. A list of the chain has nothing below this height; own wallets that were created below it
     * may be missing.
     */
    readonly completeFrom: bigint;
}
/** All entries of a wallet's statement that fit the terms, in their order. A refusal of the node is thrown. */
export declare function statement(calls: Pick<GatewayClient["calls"], "listEntries">, { oldestFirst, onPage, ...terms }: StatementTerms, options?: ListCallOptions): AsyncGenerator<Entry, void, undefined>;
/** The items of all pages of a list, each with the page that it came with. */
export declare function itemsOf<P extends PageState & {
    readonly nextCursor: string;
}, T>(ask: (cursor: string) => Promise<P>, items: (page: P) => readonly T[], onPage: ChainTerms["onPage"]): AsyncGenerator<{
    readonly item: T;
    readonly page: P;
}, void, undefined>;
export declare function orderOf(oldestFirst: boolean): ListOrder;
/** `isWhole`: the two follow one another in the statement. */
export declare function checkEntryOrder([lower, upper]: readonly [Entry, Entry], isWhole: boolean): void;
/** Without the fields that are absent, which a generated message does not take. */
export declare function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined>; };
