/**
 * The pages of which streams of events consist. Streams of the whole ledger that are equally far have their page in common: a
 * block is read, decoded and encoded once, however many follow. What is read is counted against the rates of lists (T9); a
 * stream beyond them waits, but lists leave something to streams at the tip, and those read a block at a time if there is no more.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet } from "../../ledger/state.ts";
import { assert } from "../../primitives/assert.ts";
import type { WalletId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { height } from "../../primitives/numbers.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import type { OperationLocation, Store } from "../../storage/contracts.ts";
import { readEntry } from "../../storage/statement-standing.ts";
import { isBefore, writePlace } from "../../transport/cursor-place.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type { EventsAnswer, EventsQuery, LedgerEvent } from "../../transport/ledger-events.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Committed, Finalizer } from "../execution/finalizer.ts";
import { storedHeader } from "../sync/stored-header.ts";
import { EVENT_LIST, type ListCursors, type ListIdentity } from "./list-cursor.ts";
import { endOf, heightBehind, placesAfter, stateOf } from "./list-range.ts";
import { LIVE_PAGE_READS, type ListReads, type Reader, type ReadMeter } from "./list-reads.ts";
import type { NodeView } from "./node-view.ts";
import type { Ownership } from "./ownership.ts";
import { unknownWallet } from "./refusals.ts";
import { receiptOfEntry } from "./statements.ts";
import {
  blockReads,
  TransactionReader,
  type TransactionReaderParts,
  transactionReads,
} from "./transaction-reader.ts";

export interface EventPagesParts extends TransactionReaderParts {
  readonly context: LedgerContext;
  readonly ownership: Pick<Ownership, "mayRead">;
  readonly view: Pick<NodeView, "isLagging">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history" | "bodiesFrom" | "loadHeader">;
    readonly statements: Pick<Store["statements"], "entries">;
  };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly cursors: ListCursors;
  readonly reads: Pick<ListReads, "meteredPage">;
}

export interface EventPage {
  readonly answer: EventsAnswer;
  /** The stream goes on behind this place. */
  readonly end: OperationLocation;
  /** Milliseconds until the next page is worth a look, unless there is news before; 0 if there are more events. */
  readonly pauseMs: number;
}

/** Events, and the last place that was looked at, if there are more. */
interface Found {
  readonly events: readonly LedgerEvent[];
  readonly last?: OperationLocation | undefined;
}

/** Pages in common that are kept, for streams that are a few pages apart. */
const SHARED_MAX = 4;
/** A stream is at the tip if it is so many blocks behind at most, which it may be after a moment's wait. */
const LIVE_BLOCKS = 32;
const PAGE_SIZE = LIMITS.eventsOfMessageMax;
assert(
  blockReads({ operationCount: LIMITS.blockOperationsMax }, PAGE_SIZE) <= LIVE_PAGE_READS,
  "a stream at the tip can read the largest block",
);
/** A page that several streams wait for does not end with one of them; what it reads is bounded. */
const NEVER = new AbortController().signal;

export class EventPages {
  readonly #parts: EventPagesParts;
  readonly #reader: TransactionReader;
  /** By the place behind which they begin, and the height that was final. */
  readonly #shared = new RecencyMap<string, Promise<Found | Refusal>>();
  /** The answers of these, so that they are encoded once. */
  readonly #answers = new WeakMap<Found, EventPage>();

  constructor(parts: EventPagesParts) {
    this.#parts = parts;
    this.#reader = new TransactionReader(parts);
  }

  /** The reason why the caller has no stream that goes on behind this place. */
  async problem(
    { walletId }: EventsQuery,
    place: OperationLocation,
    { caller }: Pick<CallContext, "caller">,
  ): Promise<Refusal | undefined> {
    const { context, ownership, finalizer, store, receipts } = this.#parts;
    const { from } = store.blocks.history;
    if (heightBehind(place) < from) return missingBlocks(from);
    if (walletId === undefined) {
      const next = heightBehind(place);
      return next < store.blocks.bodiesFrom ? receipts.refusePruned(height(next)) : undefined;
    }
    const wallet = findWallet(context, finalizer.committed.state, walletId);
    const isReadable = wallet !== undefined && (await ownership.mayRead(wallet, caller));
    return isReadable ? undefined : unknownWallet(walletId, "walletId");
  }

  /** The events behind this place, at most a message full of them. */
  async after(
    query: EventsQuery,
    place: OperationLocation,
    call: Reader,
  ): Promise<EventPage | Refusal> {
    const problem = await this.problem(query, place, call);
    if (problem !== undefined) return problem;
    const { committed } = this.#parts.finalizer;
    const { walletId } = query;
    const found = await (walletId === undefined
      ? this.#transactions(place, committed, call)
      : this.#entries(walletId, place, { committed, reader: call }));
    if (found instanceof Refusal) {
      const pauseMs = Number(found.metadata["retryAfterMs"]);
      return { answer: this.answerAt(query, place), end: place, pauseMs };
    }
    const page = this.#answers.get(found) ?? this.#pageOf(query, { place, committed, found });
    this.#answers.set(found, page);
    return page;
  }

  /** An answer without events: the stream has come to this place. */
  answerAt({ walletId }: EventsQuery, place: OperationLocation): EventsAnswer {
    const { finalizer, view } = this.#parts;
    const cursor = this.#cursorOf(walletId, place);
    return { events: [], cursor, ...stateOf(finalizer.committed, view) };
  }

  #pageOf(
    { walletId }: EventsQuery,
    read: {
      readonly place: OperationLocation;
      readonly committed: Committed;
      readonly found: Found;
    },
  ): EventPage {
    const { place, committed, found } = read;
    const { events, last } = found;
    const tip = endOf(committed.state.height, false);
    // The cursor of a node that is ahead may be above this node's tip.
    const end = last ?? (isBefore(place, tip) ? tip : place);
    const cursor = this.#cursorOf(walletId, end);
    const answer = { events, cursor, ...stateOf(committed, this.#parts.view) };
    return { answer, end, pauseMs: last === undefined ? Number.POSITIVE_INFINITY : 0 };
  }

  /** Of the whole ledger: read once for all streams that are at this place. */
  #transactions(
    place: OperationLocation,
    committed: Committed,
    reader: Reader,
  ): Promise<Found | Refusal> {
    const key = `${place.height}.${place.index} ${committed.state.height}`;
    const shared = this.#shared.get(key);
    if (shared !== undefined) return shared;
    const reading = this.#meterTransactions(place, committed, reader);
    this.#shared.remember(key, reading, SHARED_MAX);
    // A refusal is its caller's own.
    const forget = (): void => this.#shared.delete(key);
    reading.then((found) => found instanceof Refusal && forget(), forget);
    return reading;
  }

  /** At least the next block; as far as the rate reaches, if that is further. */
  async #meterTransactions(
    place: OperationLocation,
    committed: Committed,
    reader: Reader,
  ): Promise<Found | Refusal> {
    const next = heightBehind(place);
    const tip = committed.state.height;
    if (next > tip) return { events: [] };
    const header =
      next === tip ? committed.header : await storedHeader(this.#parts.store.blocks, height(next));
    const reads = {
      fewest: blockReads(header, PAGE_SIZE),
      most: transactionReads(PAGE_SIZE),
      isLive: isLive(place, committed),
    };
    return await this.#parts.reads.meteredPage(reader, reads, (meter) =>
      this.#readTransactions(place, committed, meter),
    );
  }

  async #readTransactions(
    place: OperationLocation,
    committed: Committed,
    meter: ReadMeter,
  ): Promise<Found | Refusal> {
    const places = this.#placesBehind(place, committed);
    if (places === undefined) return { events: [] };
    const bounds = { pageSize: PAGE_SIZE, meter, signal: NEVER };
    const page = await this.#reader.read(places, bounds);
    if (page === "dropped") return this.#parts.receipts.refusePruned(places.from.height);
    const { transactions, last } = page;
    const events = transactions.map((transaction): LedgerEvent => {
      return { kind: "transaction", cursor: this.#cursorOf(undefined, transaction), transaction };
    });
    return { events, last };
  }

  #entries(
    walletId: WalletId,
    place: OperationLocation,
    { committed, reader }: { readonly committed: Committed; readonly reader: Reader },
  ): Promise<Found | Refusal> {
    const reads = { fewest: 1, most: PAGE_SIZE, isLive: isLive(place, committed) };
    return this.#parts.reads.meteredPage(reader, reads, (meter) =>
      this.#readEntries(walletId, this.#placesBehind(place, committed), { committed, meter }),
    );
  }

  async #readEntries(
    walletId: WalletId,
    places: ReturnType<typeof placesAfter>,
    { committed, meter }: { readonly committed: Committed; readonly meter: ReadMeter },
  ): Promise<Found> {
    if (places === undefined) return { events: [] };
    const { context, store } = this.#parts;
    const wallet = findWallet(context, committed.state, walletId);
    const asset = context.genesis.assets[wallet?.asset ?? 0]?.code ?? "";
    const events: LedgerEvent[] = [];
    let last: OperationLocation | undefined;
    // One more, to know if there are more.
    const size = Math.min(PAGE_SIZE, meter.left);
    const range = { ...places, limit: size + 1 };
    for await (const stored of store.statements.entries(walletId, range)) {
      if (events.length === size) return { events, last };
      meter.take(1);
      const record = readEntry(walletId, stored);
      last = { height: stored.height, index: stored.index };
      const entry = { ...record, ...last, asset, receipt: receiptOfEntry(walletId, record) };
      events.push({ kind: "entry", cursor: this.#cursorOf(walletId, last), entry });
    }
    return { events };
  }

  #placesBehind(place: OperationLocation, { state }: Committed) {
    const { from } = this.#parts.store.blocks.history;
    return placesAfter({ from, to: state.height }, false, place);
  }

  #cursorOf(walletId: WalletId | undefined, place: OperationLocation): string {
    return this.#parts.cursors.write(eventList(walletId), writePlace(place));
  }
}

function isLive({ height: at }: OperationLocation, { state }: Committed): boolean {
  return state.height - at <= LIVE_BLOCKS;
}

/** The list that the cursors of a stream belong to. */
export function eventList(walletId: WalletId | undefined): ListIdentity {
  return { name: EVENT_LIST, newestFirst: false, filters: [walletId] };
}

function missingBlocks(from: number): Refusal {
  return new Refusal("HISTORY_INCOMPLETE", {
    message: `the stream begins below block ${from}, and some of the blocks there are still to come to this node`,
  });
}
