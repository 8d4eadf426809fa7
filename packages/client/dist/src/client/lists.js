import { EntryKind, ListOrder } from "../../gen/countersign/v1/ledger_service_pb.js";
/** A list of a node contradicts itself: the node lies or is broken. Ask another one. */
export class ListFault extends Error {
    name = "ListFault";
}
/** Pages without a single item in a row that are still believed: a page passes over a thousand blocks, or thousands of entries. */
const EMPTY_PAGES_MAX = 100_000;
/** All entries of a wallet's statement that fit the terms, in their order. A refusal of the node is thrown. */
export async function* statement(calls, { oldestFirst = false, onPage, ...terms }, options) {
    const order = orderOf(oldestFirst);
    const isWhole = terms.counterparty === undefined && terms.referencePrefix === undefined;
    const ask = (cursor) => calls.listEntries({ ...given(terms), order, cursor }, options);
    let last;
    for await (const { item: entry, page } of itemsOf(ask, ({ entries }) => entries, onPage)) {
        checkEntry(entry, terms, page);
        if (last !== undefined)
            checkEntryOrder(oldestFirst ? [last, entry] : [entry, last], isWhole);
        last = entry;
        yield entry;
    }
}
/** The items of all pages of a list, each with the page that it came with. */
export async function* itemsOf(ask, items, onPage) {
    let [cursor, emptyPages] = ["", 0];
    do {
        const page = await ask(cursor);
        onPage?.(page);
        const found = items(page);
        for (const item of found)
            yield { item, page };
        emptyPages = found.length === 0 ? emptyPages + 1 : 0;
        const isStuck = page.nextCursor !== "" && page.nextCursor === cursor;
        if (isStuck || emptyPages > EMPTY_PAGES_MAX)
            throw new ListFault("the list does not go on");
        cursor = page.nextCursor;
    } while (cursor !== "");
}
export function orderOf(oldestFirst) {
    return oldestFirst ? ListOrder.OLDEST_FIRST : ListOrder.NEWEST_FIRST;
}
/** An entry must fit what was asked for, and itself. */
function checkEntry(entry, terms, page) {
    const { fromHeight = 0n, toHeight = page.height, fromTime = 0n, toTime = entry.time } = terms;
    const isFirst = entry.number === 1n;
    const isSound = entry.height >= fromHeight &&
        entry.height <= toHeight &&
        entry.height <= page.height &&
        entry.time >= fromTime &&
        entry.time <= toTime &&
        (terms.counterparty === undefined || entry.counterparty === terms.counterparty) &&
        (entry.reference ?? "").startsWith(terms.referencePrefix ?? "") &&
        (entry.kind === EntryKind.CREATED) === isFirst &&
        (!isFirst || entry.balance === entry.amount);
    if (!isSound)
        throw new ListFault(`entry ${entry.number} is not what was asked for`);
}
/** `isWhole`: the two follow one another in the statement. */
export function checkEntryOrder([lower, upper], isWhole) {
    const ascends = lower.number < upper.number &&
        lower.time <= upper.time &&
        (lower.height < upper.height || (lower.height === upper.height && lower.index < upper.index));
    if (!ascends)
        throw new ListFault(`entry ${upper.number} stands out of its order`);
    if (!isWhole)
        return;
    if (upper.number !== lower.number + 1n) {
        throw new ListFault(`entries between ${lower.number} and ${upper.number} are left out`);
    }
    const delta = upper.kind === EntryKind.PAID ? -upper.amount : upper.amount;
    if (lower.balance + delta !== upper.balance) {
        throw new ListFault(`the balance after entry ${upper.number} does not follow from the one before`);
    }
}
/** Without the fields that are absent, which a generated message does not take. */
export function given(fields) {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
