import { encodeHeader } from "../primitives/block.js";
import { equalBytes } from "../primitives/bytes.js";
import { headerFromMessage } from "../transport/read-header.js";
import { Refusal } from "../transport/refusal.js";
import { given, itemsOf, ListFault, orderOf, } from "./lists.js";
/**
 * The transfers and creations of wallets of the whole ledger that fit the terms, applied or declined, in their order. The caller needs the scope
 * `read:all`. A refusal of the node is thrown.
 */
export async function* history(calls, { oldestFirst = false, onPage, ...terms } = {}, options) {
    const order = orderOf(oldestFirst);
    const ask = (cursor) => calls.listTransactions({ ...given(terms), order, cursor }, options);
    const items = ({ transactions }) => transactions;
    let last;
    for await (const { item, page } of itemsOf(ask, items, onPage)) {
        checkTransaction(item, terms, page);
        if (last !== undefined)
            checkTransactionOrder(oldestFirst ? [last, item] : [item, last]);
        last = item;
        yield item;
    }
}
/**
 * The blocks of the chain that fit the terms, in their order. Each has the hash of its header, and is the parent of the next
 * higher one: if one of them is proven final, all below it are. A refusal of the node is thrown.
 */
export async function* blocks(calls, { oldestFirst = false, onPage, hash, ...terms }, options) {
    const order = orderOf(oldestFirst);
    const ask = (cursor) => calls.listBlocks({ ...given(terms), order, cursor }, options);
    let last;
    for await (const { item, page } of itemsOf(ask, (answer) => answer.blocks, onPage)) {
        checkBlock(item, terms, { page, hash });
        if (last !== undefined)
            checkLink(oldestFirst ? [last, item] : [item, last]);
        last = item;
        yield item;
    }
}
/** Wallets by ascending ids. Balances are those of the page that a wallet came with. A refusal of the node is thrown. */
export async function* wallets(calls, { onPage, ...terms } = {}, options) {
    const ask = (cursor) => calls.listWallets({ ...given(terms), cursor }, options);
    let last = "";
    for await (const { item } of itemsOf(ask, (page) => page.wallets, onPage)) {
        if (item.id <= last)
            throw new ListFault(`wallet ${item.id} is out of its order`);
        last = item.id;
        yield item;
    }
}
/** A transaction must fit what was asked for, and itself. */
function checkTransaction(transaction, terms, page) {
    const { operation, receipt, result } = transaction;
    const asksForItself = operation.case === "transaction" || operation.case === "cancellation"
        ? receipt?.from === operation.value.from && receipt.id === operation.value.id
        : receipt === undefined || receipt.walletId === operation.value?.walletId;
    const isWhole = operation.case !== undefined && result !== undefined;
    if (!isWhole || !asksForItself || !isWithin(transaction, terms, page)) {
        const { height, index } = transaction;
        throw new ListFault(`transaction ${index} of block ${height} is not what was asked for`);
    }
}
export function checkTransactionOrder([lower, upper]) {
    const ascends = lower.height === upper.height
        ? lower.index < upper.index && lower.time === upper.time
        : lower.height < upper.height && lower.time <= upper.time;
    if (ascends)
        return;
    throw new ListFault(`transaction ${upper.index} of block ${upper.height} is out of its order`);
}
function checkBlock({ header: view, hash: shown, ...block }, terms, { page, hash }) {
    const header = view && headerFromMessage(view, "header");
    if (view === undefined || header === undefined || header instanceof Refusal) {
        throw new ListFault("a block has no header");
    }
    const isSound = equalBytes(hash(encodeHeader(header)), shown) &&
        block.finalizationHeight >= view.height &&
        (block.sealHeight ?? view.height) >= view.height;
    if (!isSound || !isWithin(view, terms, page)) {
        throw new ListFault(`block ${view.height} is not what was asked for`);
    }
}
function checkLink([lower, upper]) {
    const [below, above] = [lower.header, upper.header];
    const isParent = below !== undefined &&
        above !== undefined &&
        above.height === below.height + 1n &&
        above.time >= below.time &&
        equalBytes(above.parentHash, lower.hash);
    if (!isParent)
        throw new ListFault(`block ${above?.height} is not on the one before it`);
}
function isWithin({ height, time }, { fromHeight = 0n, toHeight = height, fromTime = 0n, toTime = time }, page) {
    const isAt = height >= fromHeight && height <= toHeight && height <= page.height;
    return isAt && time >= fromTime && time <= toTime;
}
