/**
 * Lists as async iterators over their pages, and the statement of a wallet. A node may lie: what a list must keep by itself is
 * checked (its order, its numbers without a gap, balances that add up), and a list that does not keep it ends with `ListFault`.
 * The receipt of an entry is its proof; a statement as a whole is the word of the node that was asked.
 */
import type { CallOptions } from "@connectrpc/connect";
import { type Entry, EntryKind, ListOrder } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { GatewayClient } from "./gateway-calls.ts";

/** A list of a node contradicts itself: the node lies or is broken. Ask another one. */
export class ListFault extends Error {
  override readonly name = "ListFault";
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
  /** Each entry comes with its operation, as its author signed it. */
  readonly withOperations?: boolean | undefined;
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

/** Pages without a single item in a row that are still believed: a page passes over a thousand blocks, or thousands of entries. */
const EMPTY_PAGES_MAX = 100_000;

/** All entries of a wallet's statement that fit the terms, in their order. A refusal of the node is thrown. */
export async function* statement(
  calls: Pick<GatewayClient["calls"], "listEntries">,
  { oldestFirst = false, onPage, ...terms }: StatementTerms,
  options?: ListCallOptions,
): AsyncGenerator<Entry, void, undefined> {
  const order = orderOf(oldestFirst);
  const isWhole = terms.counterparty === undefined && terms.referencePrefix === undefined;
  const ask = (cursor: string) => calls.listEntries({ ...given(terms), order, cursor }, options);
  let last: Entry | undefined;
  for await (const { item: entry, page } of itemsOf(ask, ({ entries }) => entries, onPage)) {
    checkEntry(entry, terms, page);
    if (last !== undefined) checkEntryOrder(oldestFirst ? [last, entry] : [entry, last], isWhole);
    last = entry;
    yield entry;
  }
}

/** The items of all pages of a list, each with the page that it came with. */
export async function* itemsOf<P extends PageState & { readonly nextCursor: string }, T>(
  ask: (cursor: string) => Promise<P>,
  items: (page: P) => readonly T[],
  onPage: ChainTerms["onPage"],
): AsyncGenerator<{ readonly item: T; readonly page: P }, void, undefined> {
  let [cursor, emptyPages] = ["", 0];
  do {
    const page = await ask(cursor);
    onPage?.(page);
    const found = items(page);
    for (const item of found) yield { item, page };
    emptyPages = found.length === 0 ? emptyPages + 1 : 0;
    const isStuck = page.nextCursor !== "" && page.nextCursor === cursor;
    if (isStuck || emptyPages > EMPTY_PAGES_MAX) throw new ListFault("the list does not go on");
    cursor = page.nextCursor;
  } while (cursor !== "");
}

export function orderOf(oldestFirst: boolean): ListOrder {
  return oldestFirst ? ListOrder.OLDEST_FIRST : ListOrder.NEWEST_FIRST;
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

/** `isWhole`: the two follow one another in the statement. */
export function checkEntryOrder([lower, upper]: readonly [Entry, Entry], isWhole: boolean): void {
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
export function given<T extends object>(fields: T) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
