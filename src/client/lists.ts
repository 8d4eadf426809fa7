/**
 * Lists of the ledger as async iterators, page by page. A node may lie: what a list must keep by itself is checked (its order,
 * its numbers without a gap, balances that add up), and a list that does not keep it ends with `ListFault`. The receipt of an
 * entry is its proof; a statement as a whole is the word of the node that was asked.
 */
import type { CallOptions } from "@connectrpc/connect";
import { type Entry, EntryKind, ListOrder } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { LedgerClient } from "./ledger-client.ts";

/** A list of a node contradicts itself: the node lies or is broken. Ask another one. */
export class ListFault extends Error {
  override readonly name = "ListFault";
}

export interface StatementTerms {
  readonly walletId: string;
  /** Default: the newest first. */
  readonly oldestFirst?: boolean | undefined;
  /** Heights and block times, both ends included; times are milliseconds since the epoch. */
  readonly fromHeight?: bigint | undefined;
  readonly toHeight?: bigint | undefined;
  readonly fromTime?: bigint | undefined;
  readonly toTime?: bigint | undefined;
  /** Only payments from and to this wallet. */
  readonly counterparty?: string | undefined;
  /** Only entries whose reference begins with this text. */
  readonly referencePrefix?: string | undefined;
  /** Of one page, 1 to 1,000; default 100. The iterator goes over all pages. */
  readonly pageSize?: number | undefined;
  /** Called with what each page says of itself, before its entries are given. */
  readonly onPage?: ((page: PageState) => void) | undefined;
}

/** The state that a page was read from. */
export interface PageState {
  readonly height: bigint;
  readonly blockTime: bigint;
  readonly lagging: boolean;
  /** The node lists nothing below this height: 1 if it has everything. */
  readonly completeFrom: bigint;
}

/** Pages without a single entry in a row that are still believed: with four thousand entries read for each. */
const EMPTY_PAGES_MAX = 100_000;

/** All entries of a wallet's statement that fit the terms, in their order. A refusal of the node is thrown. */
export async function* statement(
  calls: Pick<LedgerClient["calls"], "listEntries">,
  { oldestFirst = false, onPage, ...terms }: StatementTerms,
  options?: Pick<CallOptions, "signal" | "timeoutMs" | "contextValues">,
): AsyncGenerator<Entry, void, undefined> {
  const order = oldestFirst ? ListOrder.OLDEST_FIRST : ListOrder.NEWEST_FIRST;
  const isWhole = terms.counterparty === undefined && terms.referencePrefix === undefined;
  let [cursor, emptyPages] = ["", 0];
  let last: Entry | undefined;
  do {
    const page = await calls.listEntries({ ...given(terms), order, cursor }, options);
    onPage?.(page);
    for (const entry of page.entries) {
      checkEntry(entry, terms, page);
      if (last !== undefined) {
        checkOrder(oldestFirst ? [last, entry] : [entry, last], isWhole);
      }
      last = entry;
      yield entry;
    }
    emptyPages = page.entries.length === 0 ? emptyPages + 1 : 0;
    const isStuck = page.nextCursor !== "" && page.nextCursor === cursor;
    if (isStuck || emptyPages > EMPTY_PAGES_MAX) throw new ListFault("the list does not go on");
    cursor = page.nextCursor;
  } while (cursor !== "");
}

/** An entry must fit what was asked for, and itself. */
function checkEntry(entry: Entry, terms: StatementTerms, page: PageState): void {
  const { fromHeight = 0n, toHeight = page.height, fromTime = 0n, toTime = entry.time } = terms;
  const isFirst = entry.number === 1n;
  const isSound =
    entry.height >= fromHeight &&
    entry.height <= toHeight &&
    entry.height <= page.height &&
    entry.time >= fromTime &&
    entry.time <= toTime &&
    (terms.counterparty === undefined || entry.counterparty === terms.counterparty) &&
    (entry.reference ?? "").startsWith(terms.referencePrefix ?? "") &&
    (entry.kind === EntryKind.CREATED) === isFirst &&
    (!isFirst || entry.balance === entry.amount);
  if (!isSound) throw new ListFault(`entry ${entry.number} is not what was asked for`);
}

function checkOrder([lower, upper]: readonly [Entry, Entry], isWhole: boolean): void {
  const ascends =
    lower.number < upper.number &&
    lower.time <= upper.time &&
    (lower.height < upper.height || (lower.height === upper.height && lower.index < upper.index));
  if (!ascends) throw new ListFault(`entry ${upper.number} stands out of its order`);
  if (!isWhole) return;
  if (upper.number !== lower.number + 1n) {
    throw new ListFault(`entries between ${lower.number} and ${upper.number} are left out`);
  }
  const delta = upper.kind === EntryKind.PAID ? -upper.amount : upper.amount;
  if (lower.balance + delta !== upper.balance) {
    throw new ListFault(
      `the balance after entry ${upper.number} does not follow from the one before`,
    );
  }
}

/** Without the fields that are absent, which a generated message does not take. */
function given<T extends object>(fields: T) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
