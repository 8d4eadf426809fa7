/** The transactions of the whole ledger, page by page. */
import type { Store } from "../../storage/contracts.ts";
import { writePlace } from "../../transport/cursor-place.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type { TransactionsAnswer, TransactionsQuery } from "../../transport/ledger-lists.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { ListCursors, ListIdentity } from "./list-cursor.ts";
import { heightRange, placeIn, placesAfter, searchReads, stateOf } from "./list-range.ts";
import { interrupted, type ListReads } from "./list-reads.ts";
import type { NodeView } from "./node-view.ts";
import {
  TransactionReader,
  type TransactionReaderParts,
  transactionReads,
} from "./transaction-reader.ts";

export interface TransactionListParts extends TransactionReaderParts {
  readonly view: Pick<NodeView, "isLagging">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history" | "bodiesFrom" | "loadHeader">;
  };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly cursors: ListCursors;
  readonly reads: Pick<ListReads, "metered">;
}

export class TransactionList {
  readonly #parts: TransactionListParts;
  readonly #reader: TransactionReader;

  constructor(parts: TransactionListParts) {
    this.#parts = parts;
    this.#reader = new TransactionReader(parts);
  }

  async transactions(
    query: TransactionsQuery,
    call: CallContext,
  ): Promise<TransactionsAnswer | Refusal> {
    const { view, store, finalizer, cursors, reads } = this.#parts;
    const { newestFirst, pageSize, cursor } = query;
    const { signal } = call;
    const after = placeIn(cursors, identityOf(query), cursor);
    if (after instanceof Refusal) return after;
    const most = searchReads(query) + transactionReads(pageSize);
    return await reads.metered(call, most, async (meter) => {
      const { committed } = finalizer;
      meter.take(searchReads(query));
      const range = await heightRange(store.blocks, committed, query, {
        lowest: store.blocks.bodiesFrom,
      });
      const places = placesAfter(range, newestFirst, after);
      const page = places && (await this.#reader.read(places, { pageSize, meter, signal }));
      if (signal.aborted) return interrupted();
      if (page === "dropped") return this.#parts.receipts.refusePruned(range.completeFrom);
      return {
        transactions: page?.transactions ?? [],
        nextCursor: page?.last && cursors.write(identityOf(query), writePlace(page.last)),
        ...stateOf(committed, view),
        completeFrom: range.completeFrom,
      };
    });
  }
}

function identityOf({ newestFirst, ...query }: TransactionsQuery): ListIdentity {
  const { fromHeight, toHeight, fromTime, toTime } = query;
  return { name: "transactions", newestFirst, filters: [fromHeight, toHeight, fromTime, toTime] };
}
