/** The statements of wallets, page by page, from the index of entries. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { EntryRecord } from "../../ledger/entry-record.ts";
import { findWallet } from "../../ledger/state.ts";
import type { OperationLocation, PlaceRange, Store } from "../../storage/contracts.ts";
import { readEntry } from "../../storage/statement-standing.ts";
import type { CallContext, ReceiptQuery } from "../../transport/ledger-api.ts";
import type { EntriesAnswer, EntriesQuery, EntryInfo } from "../../transport/ledger-lists.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import { type ListCursors, type ListIdentity, wrongCursor } from "./list-cursor.ts";
import { heightRange, PLACE_LENGTH, placesAfter, readPlace, writePlace } from "./list-range.ts";
import { type ListReads, READS_PER_CALL_MAX } from "./list-reads.ts";
import type { NodeView } from "./node-view.ts";
import type { Ownership } from "./ownership.ts";
import { unknownWallet } from "./refusals.ts";

export interface StatementsParts {
  readonly context: LedgerContext;
  readonly ownership: Pick<Ownership, "mayRead">;
  readonly view: Pick<NodeView, "isLagging">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history" | "loadHeader">;
    readonly statements: Pick<Store["statements"], "entries">;
  };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly cursors: ListCursors;
  readonly reads: ListReads;
}

/** Heights are safe integers. */
const HEIGHT_BITS = 53;

interface PageParts {
  readonly after: OperationLocation | undefined;
  readonly call: CallContext;
  readonly page: PageReads;
}

/** Entries that one call has read. */
class PageReads {
  entries = 0;
}

export class Statements {
  readonly #parts: StatementsParts;

  constructor(parts: StatementsParts) {
    this.#parts = parts;
  }

  async entries(query: EntriesQuery, call: CallContext): Promise<EntriesAnswer | Refusal> {
    const { cursors, reads } = this.#parts;
    const after = placeIn(cursors, query);
    if (after instanceof Refusal) return after;
    const most = readMax(query);
    const tooFast = reads.begin(call.countedAs, most + headersRead(query));
    if (tooFast !== undefined) return tooFast;
    const page = new PageReads();
    try {
      return await this.#page(query, { after, call, page });
    } finally {
      reads.giveBack(call.countedAs, most - page.entries);
    }
  }

  async #page(
    query: EntriesQuery,
    { after, call, page }: PageParts,
  ): Promise<EntriesAnswer | Refusal> {
    const { context, ownership, view, store, finalizer, cursors } = this.#parts;
    const { committed } = finalizer;
    const wallet = findWallet(context, committed.state, query.walletId);
    if (wallet === undefined || !(await ownership.mayRead(wallet, call.caller))) {
      return unknownWallet(query.walletId, "walletId");
    }
    const range = await heightRange(store.blocks, committed, query);
    const asset = context.genesis.assets[wallet.asset]?.code ?? "";
    const places = placesAfter(range, query.newestFirst, after);
    const { entries, last } = await this.#read(query, places, { call, page });
    return {
      entries: entries.map((entry) => ({ ...entry, asset, receipt: receiptOf(query, entry) })),
      nextCursor: last && cursors.write(identityOf(query), writePlace(last)),
      height: committed.state.height,
      blockTime: committed.header.time,
      lagging: view.isLagging,
      completeFrom: range.completeFrom,
    };
  }

  /** `last`: the last entry that was looked at, if there are more. */
  async #read(
    query: EntriesQuery,
    places: Omit<PlaceRange, "limit"> | undefined,
    { call, page }: Pick<PageParts, "call" | "page">,
  ): Promise<{
    readonly entries: readonly Omit<EntryInfo, "asset" | "receipt">[];
    readonly last?: OperationLocation;
  }> {
    if (places === undefined) return { entries: [] };
    const { store } = this.#parts;
    const { walletId, pageSize } = query;
    const most = readMax(query);
    const found: Omit<EntryInfo, "asset" | "receipt">[] = [];
    let last: OperationLocation | undefined;
    for await (const stored of store.statements.entries(walletId, {
      ...places,
      // One more, to know if there are more.
      limit: most + 1,
    })) {
      if (last !== undefined && (found.length === pageSize || page.entries === most)) {
        return { entries: found, last };
      }
      if (call.signal.aborted) return { entries: found };
      const entry = readEntry(walletId, stored);
      const { height: at, index } = stored;
      page.entries += 1;
      last = { height: at, index };
      if (matches(entry, query)) found.push({ ...entry, ...last });
    }
    return { entries: found };
  }
}

/** The most entries that a call reads: a filter may pass over many. */
function readMax({ counterparty, referencePrefix, pageSize }: EntriesQuery): number {
  const isFiltered = counterparty !== undefined || referencePrefix !== undefined;
  return isFiltered ? READS_PER_CALL_MAX : pageSize;
}

/** The most headers that the search for a time reads: one for each bit of a height. */
function headersRead({ fromTime, toTime }: EntriesQuery): number {
  return [fromTime, toTime].filter((time) => time !== undefined).length * HEIGHT_BITS;
}

function matches(
  { counterparty, reference }: EntryRecord,
  { counterparty: wanted, referencePrefix }: EntriesQuery,
): boolean {
  if (wanted !== undefined && counterparty !== wanted) return false;
  return referencePrefix === undefined || (reference?.startsWith(referencePrefix) ?? false);
}

function receiptOf(
  { walletId }: EntriesQuery,
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

function placeIn(
  cursors: ListCursors,
  query: EntriesQuery,
): OperationLocation | Refusal | undefined {
  if (query.cursor === undefined) return undefined;
  const place = cursors.read(identityOf(query), query.cursor, PLACE_LENGTH);
  return place instanceof Refusal ? place : (readPlace(place) ?? wrongCursor());
}
