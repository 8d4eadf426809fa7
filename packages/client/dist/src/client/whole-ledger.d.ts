/**
 * The whole ledger as async iterators, page by page: its transactions, its blocks and its wallets. A node may lie: what these lists must
 * keep by themselves is checked, and a list that does not keep it ends with `ListFault` (lists.ts). The receipt of a
 * transaction is its proof.
 */
import type { Block, OrderedTransaction } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Wallet } from "../../gen/countersign/v1/types_pb.ts";
import type { Hash } from "../primitives/hash.ts";
import type { GatewayClient } from "./gateway-client.ts";
import { type ChainTerms, type ListCallOptions } from "./lists.ts";
/**
 * The transfers and creations of wallets of the whole ledger that fit the terms, applied or declined, in their order. The caller needs the scope
 * `read:all`. A refusal of the node is thrown.
 */
export declare function history(calls: Pick<GatewayClient["calls"], "listTransactions">, { oldestFirst, onPage, ...terms }?: ChainTerms, options?: ListCallOptions): AsyncGenerator<OrderedTransaction, void, undefined>;
export interface BlocksTerms extends ChainTerms {
    /** SHA-256: `sha256` of countersign/crypto. */
    readonly hash: Hash;
}
/**
 * The blocks of the chain that fit the terms, in their order. Each has the hash of its header, and is the parent of the next
 * higher one: if one of them is proven final, all below it are. A refusal of the node is thrown.
 */
export declare function blocks(calls: Pick<GatewayClient["calls"], "listBlocks">, { oldestFirst, onPage, hash, ...terms }: BlocksTerms, options?: ListCallOptions): AsyncGenerator<Block, void, undefined>;
export interface WalletsTerms extends Pick<ChainTerms, "pageSize" | "onPage"> {
    /** All wallets of the ledger, which needs the scope `read:all`; default: the caller's custodial ones at this node. */
    readonly all?: boolean | undefined;
}
/** Wallets by ascending ids. Balances are those of the page that a wallet came with. A refusal of the node is thrown. */
export declare function wallets(calls: Pick<GatewayClient["calls"], "listWallets">, { onPage, ...terms }?: WalletsTerms, options?: ListCallOptions): AsyncGenerator<Wallet, void, undefined>;
export declare function checkTransactionOrder([lower, upper]: readonly [
    OrderedTransaction,
    OrderedTransaction
]): void;
