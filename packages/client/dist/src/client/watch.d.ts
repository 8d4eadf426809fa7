/**
 * Follows the ledger, or one wallet, through lost connections and dead nodes: an async iterator of events, which goes on from the
 * cursor of the last one. A node may lie: what a stream must keep by itself is checked (its order, the places of its cursors, and for a
 * wallet numbers without a gap and balances that add up), also across connections, and a stream that does not keep it ends with
 * `ListFault`. An event carries no proof: check its receipt before goods leave.
 */
import { type CallOptions } from "@connectrpc/connect";
import { type Entry, type OrderedTransaction } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { GatewayClient } from "./gateway-client.ts";
export interface WatchTerms {
    /** The wallet whose entries to follow; absent: all transactions of the ledger, which needs the scope `read:all`. */
    readonly walletId?: string | undefined;
    /**
     * The cursor of the last event that was handled. Absent: from `fromHeight` on, or what becomes final from now on. How far the
     * chain is now is the word of the first node; a program that must miss nothing gives one of the two.
     */
    readonly from?: string | undefined;
    /** The lowest height of an event, 0 for the beginning of the chain; instead of `from`. */
    readonly fromHeight?: bigint | undefined;
    /** Called when all events of a message were handed out, also if there were none: every few seconds at least. */
    readonly onProgress?: ((progress: WatchProgress) => void) | undefined;
    /** Called when a connection was lost, or refused for a while, before the next one; may throw to end the watch. */
    readonly onLost?: ((error: unknown, attempt: number) => void) | undefined;
}
export interface WatchProgress {
    /** Of the last event that was handed out, or of the beginning: a watch from it on misses none, even if this node lies. */
    readonly cursor: string;
    /** Of the node's finalized state, and its block time. */
    readonly height: bigint;
    readonly blockTime: bigint;
    readonly lagging: boolean;
}
/** Store the cursor when the event is handled: a watch from it on misses none and repeats none. */
export type WatchedEvent = {
    readonly cursor: string;
} & ({
    readonly kind: "entry";
    readonly entry: Entry;
} | {
    readonly kind: "transaction";
    readonly transaction: OrderedTransaction;
});
export type WatchOptions = Pick<CallOptions, "signal" | "contextValues">;
/** The calls of one node, or of several of the network, which are asked in turn. */
export type WatchedNodes = WatchedNode | readonly WatchedNode[];
type WatchedNode = Pick<GatewayClient["calls"], "subscribe">;
/** Goes on until it is left, `signal` aborts (its reason is thrown), or a refusal comes that does not pass (it is thrown). */
export declare function watch(nodes: WatchedNodes, terms?: WatchTerms, options?: WatchOptions): AsyncGenerator<WatchedEvent, void, undefined>;
export {};
