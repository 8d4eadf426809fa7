/** The statements of wallets, page by page, from the index of entries. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { EntryRecord } from "../../ledger/entry-record.ts";
import { findWallet } from "../../ledger/state.ts";
import type { WalletId } from "../../primitives/ids.ts";
import type { OperationLocation, PlaceRange, Store } from "../../storage/contracts.ts";
import { readEntry } from "../../storage/statement-standing.ts";
import { writePlace } from "../../transport/cursor-place.ts";
import type { CallContext, ReceiptQuery } from "../../transport/ledger-api.ts";
import type { EntriesAnswer, EntriesQuery, EntryInfo } from "../../transport/ledger-lists.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { type EntryOperationsParts, withOperations } from "./entry-operations.ts";
import type { ListCursors, ListIdentity } from "./list-cursor.ts";
import { heightRange, placeIn, placesAfter, searchReads, stateOf } from "./list-range.ts";
import { interrupted, type ListReads, READS_PER_CALL_MAX, type ReadMeter } from "./list-reads.ts";
import type { NodeView } from "./node-view.ts";
import type { Ownership } from "./ownership.ts";
import { unknownWallet } from "./refusals.ts";
import { BODY_READS_MAX } from "./transaction-reader.ts";

export interface StatementsParts {
  readonly context: LedgerContext;
  readonly ownership: Pick<Ownership, "mayRead">;
  readonly view: Pick<NodeView, "isLagging">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history" | "loadHeader">;
    readonly statements: Pick<Store["statements"], "entries">;
  };
  readonly receipts: EntryOperationsParts["receipts"];
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly cursors: ListCursors;
  readonly reads: ListReads;
}

interface EntryPage {
  readonly entries: readonly Omit<EntryInfo, "asset" | "receipt">[];
  /** The last entry that was looked at, if there are more. */
  readonly last?: OperationLocation | undefined;
}

interface PageParts {
  readonly after: OperationLocation | undefined;
  readonly call: CallContext;
  readonly meter: ReadMeter;
}

export class Statements {
  readonly #parts: StatementsParts;

  constructor(parts: StatementsParts) {
    this.#parts = parts;
  }

  async entries(query: EntriesQuery, call: CallContext): Promise<EntriesAnswer | Refusal> {
    const { cursors, reads } = this.#parts;
    const after = placeIn(cursors, identityOf(query), query.cursor);
    if (after instanceof Refusal) return after;
    const bodies = query.withOperations === true ? BODY_READS_MAX : 0;
    const most = searchReads(query) + readMax(query) + bodies;
    return await reads.metered(call, most, (meter) => this.#page(query, { after, call, meter }));
  }

  async #page(
    query: EntriesQuery,
    { after, call, meter }: PageParts,
  ): Promise<EntriesAnswer | Refusal> {
    const { context, ownership, view, store, finalizer, cursors } = this.#parts;
    const { committed } = finalizer;
    const wallet = findWallet(context, committed.state, query.walletId);
    if (wallet === undefined || !(await ownership.mayRead(wallet, call.caller))) {
      return unknownWallet(query.walletId, "walletId");
    }
    meter.take(searchReads(query));
    const range = await heightRange(store.blocks, committed, query);
    const asset = context.genesis.assets[wallet.asset]?.code ?? "";
    const places = placesAfter(range, query.newestFirst, after);
    const page = await this.#read(query, places, { call, meter });
    if (call.signal.aborted) return interrupted();
    const whole = query.withOperations === true ? await this.#add(page, meter) : page;
    if (whole instanceof Refusal) return whole;
    const { entries, last } = whole;
    return {
      entries: entries.map((entry) => ({
        ...entry,
        asset,
        receipt: receiptOfEntry(query.walletId, entry),
      })),
      nextCursor: last && cursors.write(identityOf(query), writePlace(last)),
      ...stateOf(committed, view),
      completeFrom: range.completeFrom,
    };
  }

  /** The page with operations, which may end earlier. */
  async #add(page: EntryPage, meter: ReadMeter): Promise<EntryPage | Refusal> {
    const entries = await withOperations(this.#parts, page.entries, meter);
    if (entries instanceof Refusal) return entries;
    const end = entries.at(-1);
    if (entries.length === page.entries.length || end === undefined) return { ...page, entries };
    return { entries, last: { height: end.height, index: end.index } };
  }

  async #read(
    query: EntriesQuery,
    places: Omit<PlaceRange, "limit"> | undefined,
    { call, meter }: Pick<PageParts, "call" | "meter">,
  ): Promise<EntryPage> {
    if (places === undefined) return { entries: [] };
    const { store } = this.#parts;
    const { walletId, pageSize } = query;
    const found: Omit<EntryInfo, "asset" | "receipt">[] = [];
    let [last, left]: [OperationLocation | undefined, number] = [undefined, readMax(query)];
    for await (const stored of store.statements.entries(walletId, {
      ...places,
      // One more, to know if there are more.
      limit: left + 1,
    })) {
      if (last !== undefined && (found.length === pageSize || left === 0)) {
        return { entries: found, last };
      }
      if (call.signal.aborted) return { entries: found };
      const entry = readEntry(walletId, stored);
      const { height: at, index } = stored;
      meter.take(1);
      left -= 1;
      last = { height: at, index };
      if (matches(entry, query)) found.push({ ...entry, ...last });
    }
    return { entries: found };
  }
}

/** The most entries that a call reads: a filter may pass over many. With all else that it reads, they are what a call may read. */
function readMax(query: EntriesQuery): number {
  const { counterparty, referencePrefix, pageSize, withOperations } = query;
  const isFiltered = counterparty !== undefined || referencePrefix !== undefined;
  if (!isFiltered) return pageSize;
  return READS_PER_CALL_MAX - searchReads(query) - (withOperations === true ? BODY_READS_MAX : 0);
}

function matches(
  { counterparty, reference }: EntryRecord,
  { counterparty: wanted, referencePrefix }: EntriesQuery,
): boolean {
  if (wanted !== undefined && counterparty !== wanted) return false;
  return referencePrefix === undefined || (reference?.startsWith(referencePrefix) ?? false);
}

/** The query for the receipt of an entry in the statement of this wallet. */
export function receiptOfEntry(
  walletId: WalletId,
  { kind, id, counterparty }: EntryRecord,
): ReceiptQuery {
  if (counterparty === undefined) return { kind: "creation", walletId };
  return { kind: "transfer", from: kind === "paid" ? walletId : counterparty, id };
}

function identityOf({ newestFirst, ...query }: EntriesQuery): ListIdentity {
  const { walletId, fromHeight, toHeight, fromTime, toTime } = query;
  const { counterparty, referencePrefix } = query;
  const filters = [fromHeight, toHeight, fromTime, toTime, counterparty, referencePrefix];
  return { name: "entries", newestFirst, filters: [walletId, ...filters] };
}
