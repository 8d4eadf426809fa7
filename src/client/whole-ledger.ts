/**
 * The whole ledger as async iterators, page by page: its transactions, its blocks and its wallets. A node may lie: what these lists must
 * keep by themselves is checked, and a list that does not keep it ends with `ListFault` (lists.ts). The receipt of a
 * transaction is its proof.
 */
import type {
  Block,
  ListTransactionsResponse,
  OrderedTransaction,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Wallet } from "../../gen/countersign/v1/types_pb.ts";
import { encodeHeader } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import { headerFromMessage } from "../transport/read-header.ts";
import { Refusal } from "../transport/refusal.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import {
  type ChainTerms,
  given,
  itemsOf,
  type ListCallOptions,
  ListFault,
  orderOf,
  type PageState,
} from "./lists.ts";

/**
 * The transfers and creations of wallets of the whole ledger that fit the terms, applied or declined, in their order. The caller needs the scope
 * `read:all`. A refusal of the node is thrown.
 */
export async function* history(
  calls: Pick<GatewayClient["calls"], "listTransactions">,
  { oldestFirst = false, onPage, ...terms }: ChainTerms = {},
  options?: ListCallOptions,
): AsyncGenerator<OrderedTransaction, void, undefined> {
  const order = orderOf(oldestFirst);
  const ask = (cursor: string) =>
    calls.listTransactions({ ...given(terms), order, cursor }, options);
  const items = ({ transactions }: ListTransactionsResponse) => transactions;
  let last: OrderedTransaction | undefined;
  for await (const { item, page } of itemsOf(ask, items, onPage)) {
    checkTransaction(item, terms, page);
    if (last !== undefined) checkTransactionOrder(oldestFirst ? [last, item] : [item, last]);
    last = item;
    yield item;
  }
}

export interface BlocksTerms extends ChainTerms {
  /** SHA-256: `sha256` of countersign/crypto. */
  readonly hash: Hash;
}

/**
 * The blocks of the chain that fit the terms, in their order. Each has the hash of its header, and is the parent of the next
 * higher one: if one of them is proven final, all below it are. A refusal of the node is thrown.
 */
export async function* blocks(
  calls: Pick<GatewayClient["calls"], "listBlocks">,
  { oldestFirst = false, onPage, hash, ...terms }: BlocksTerms,
  options?: ListCallOptions,
): AsyncGenerator<Block, void, undefined> {
  const order = orderOf(oldestFirst);
  const ask = (cursor: string) => calls.listBlocks({ ...given(terms), order, cursor }, options);
  let last: Block | undefined;
  for await (const { item, page } of itemsOf(ask, (answer) => answer.blocks, onPage)) {
    checkBlock(item, terms, { page, hash });
    if (last !== undefined) checkLink(oldestFirst ? [last, item] : [item, last]);
    last = item;
    yield item;
  }
}

export interface WalletsTerms extends Pick<ChainTerms, "pageSize" | "onPage"> {
  /** All wallets of the ledger, which needs the scope `read:all`; default: the caller's custodial ones at this node. */
  readonly all?: boolean | undefined;
}

/** Wallets by ascending ids. Balances are those of the page that a wallet came with. A refusal of the node is thrown. */
export async function* wallets(
  calls: Pick<GatewayClient["calls"], "listWallets">,
  { onPage, ...terms }: WalletsTerms = {},
  options?: ListCallOptions,
): AsyncGenerator<Wallet, void, undefined> {
  const ask = (cursor: string) => calls.listWallets({ ...given(terms), cursor }, options);
  let last = "";
  for await (const { item } of itemsOf(ask, (page) => page.wallets, onPage)) {
    if (item.id <= last) throw new ListFault(`wallet ${item.id} is out of its order`);
    last = item.id;
    yield item;
  }
}

/** A transaction must fit what was asked for, and itself. */
function checkTransaction(transaction: OrderedTransaction, terms: ChainTerms, page: PageState) {
  const { operation, receipt, result } = transaction;
  const asksForItself =
    operation.case === "transaction" || operation.case === "cancellation"
      ? receipt?.from === operation.value.from && receipt.id === operation.value.id
      : receipt === undefined || receipt.walletId === operation.value?.walletId;
  const isWhole = operation.case !== undefined && result !== undefined;
  if (!isWhole || !asksForItself || !isWithin(transaction, terms, page)) {
    const { height, index } = transaction;
    throw new ListFault(`transaction ${index} of block ${height} is not what was asked for`);
  }
}

export function checkTransactionOrder([lower, upper]: readonly [
  OrderedTransaction,
  OrderedTransaction,
]): void {
  const ascends =
    lower.height === upper.height
      ? lower.index < upper.index && lower.time === upper.time
      : lower.height < upper.height && lower.time <= upper.time;
  if (ascends) return;
  throw new ListFault(`transaction ${upper.index} of block ${upper.height} is out of its order`);
}

function checkBlock(
  { header: view, hash: shown, ...block }: Block,
  terms: ChainTerms,
  { page, hash }: { readonly page: PageState; readonly hash: Hash },
): void {
  const header = view && headerFromMessage(view, "header");
  if (view === undefined || header === undefined || header instanceof Refusal) {
    throw new ListFault("a block has no header");
  }
  const isSound =
    equalBytes(hash(encodeHeader(header)), shown) &&
    block.finalizationHeight >= view.height &&
    (block.sealHeight ?? view.height) >= view.height;
  if (!isSound || !isWithin(view, terms, page)) {
    throw new ListFault(`block ${view.height} is not what was asked for`);
  }
}

function checkLink([lower, upper]: readonly [Block, Block]): void {
  const [below, above] = [lower.header, upper.header];
  const isParent =
    below !== undefined &&
    above !== undefined &&
    above.height === below.height + 1n &&
    above.time >= below.time &&
    equalBytes(above.parentHash, lower.hash);
  if (!isParent) throw new ListFault(`block ${above?.height} is not on the one before it`);
}

function isWithin(
  { height, time }: { readonly height: bigint; readonly time: bigint },
  { fromHeight = 0n, toHeight = height, fromTime = 0n, toTime = time }: ChainTerms,
  page: PageState,
): boolean {
  const isAt = height >= fromHeight && height <= toHeight && height <= page.height;
  return isAt && time >= fromTime && time <= toTime;
}
