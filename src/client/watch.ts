/**
 * Follows the ledger, or one wallet, through lost connections and dead nodes: an async iterator of events, which goes on from the
 * cursor of the last one. A node may lie: what a stream must keep by itself is checked (its order, the places of its cursors, and for a
 * wallet numbers without a gap and balances that add up), also across connections, and a stream that does not keep it ends with
 * `ListFault`. An event carries no proof: check its receipt before goods leave.
 */
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import {
  type Entry,
  EntryKind,
  type OrderedTransaction,
  type SubscribeResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type CursorPlace, placeOfCursor } from "../transport/cursor-place.ts";
import { readRefusal } from "../transport/errors.ts";
import { pause, realTimers, startTimer } from "../transport/timers.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import { checkEntryOrder, given, ListFault } from "./lists.ts";
import { isPassing, waitAfter } from "./lost-calls.ts";
import { checkTransactionOrder } from "./whole-ledger.ts";

export interface WatchTerms {
  /** The wallet whose entries to follow; absent: all transactions of the ledger, which needs the scope `read:all`. */
  readonly walletId?: string | undefined;
  /**
   * The cursor of the last event that was handled. Absent: from `fromHeight` on, or what becomes final from now on. How far the
   * chain is now is the word of the first node; a program that must miss nothing gives one of the two.
   */
  readonly from?: string | undefined;
  /** The lowest height of an event, 0 for the beginning of the chain; instead of `from`. */
  readonly fromHeight?: bigint | undefined;
  /** Called when all events of a message were handed out, also if there were none: every few seconds at least. */
  readonly onProgress?: ((progress: WatchProgress) => void) | undefined;
  /** Called when a connection was lost, or refused for a while, before the next one; may throw to end the watch. */
  readonly onLost?: ((error: unknown, attempt: number) => void) | undefined;
}

export interface WatchProgress {
  /** Of the last event that was handed out, or of the beginning: a watch from it on misses none, even if this node lies. */
  readonly cursor: string;
  /** Of the node's finalized state, and its block time. */
  readonly height: bigint;
  readonly blockTime: bigint;
  readonly lagging: boolean;
}

/** Store the cursor when the event is handled: a watch from it on misses none and repeats none. */
export type WatchedEvent = { readonly cursor: string } & (
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "transaction"; readonly transaction: OrderedTransaction }
);

export type WatchOptions = Pick<CallOptions, "signal" | "contextValues">;

/** The calls of one node, or of several of the network, which are asked in turn. */
export type WatchedNodes = WatchedNode | readonly WatchedNode[];
type WatchedNode = Pick<GatewayClient["calls"], "subscribe">;
type StreamedEvent = SubscribeResponse["events"][number]["event"];

/** A node tells every five seconds how far it is; one that is silent for so long is left, milliseconds. */
const SILENCE_MS = 30_000;
/** Why a call was left: its node was silent. */
const SILENT = new ConnectError("the node was silent", Code.Unavailable);

/** Goes on until it is left, `signal` aborts (its reason is thrown), or a refusal comes that does not pass (it is thrown). */
export async function* watch(
  nodes: WatchedNodes,
  terms: WatchTerms = {},
  options: WatchOptions = {},
): AsyncGenerator<WatchedEvent, void, undefined> {
  const all = "subscribe" in nodes ? [nodes] : nodes;
  const stream = new WatchedStream(terms);
  let failures = 0;
  for (let turn = 0; ; turn++) {
    const node = all[turn % all.length];
    if (node === undefined) throw new RangeError("a watch needs a node");
    let hadMessage = false;
    const failure = yield* untilFailure(node, stream, options, () => {
      hadMessage = true;
      failures = 0;
    });
    options.signal?.throwIfAborted();
    if (!passes(failure, hadMessage)) throw failure;
    failures += 1;
    terms.onLost?.(failure, failures);
    await pause(realTimers, waitAfter(failure, failures), options.signal);
    options.signal?.throwIfAborted();
  }
}

/** Gives the events of one call, and then the error with which it ended. */
async function* untilFailure(
  node: WatchedNode,
  stream: WatchedStream,
  options: WatchOptions,
  onMessage: () => void,
): AsyncGenerator<WatchedEvent, unknown, undefined> {
  const messages = messagesOf(node, stream.question, options);
  try {
    for (;;) {
      const next = await messages.next().catch((error: unknown) => ({ error }));
      if ("error" in next) return next.error;
      // A stream ends with a refusal only.
      if (next.done === true) return new ConnectError("the stream was cut", Code.Unavailable);
      onMessage();
      // What these throw is no failure of the call: a fault of the node's list, or the program's own error.
      yield* stream.take(next.value);
    }
  } finally {
    await messages.return(undefined);
  }
}

/** The messages of one call; it throws if the node is silent for long. */
async function* messagesOf(
  node: WatchedNode,
  question: WatchedStream["question"],
  { signal, ...rest }: WatchOptions,
): AsyncGenerator<SubscribeResponse, void, undefined> {
  const end = new AbortController();
  const signals = signal === undefined ? [end.signal] : [end.signal, signal];
  // No deadline: the call lasts.
  const options = { ...rest, signal: AbortSignal.any(signals), timeoutMs: 0 };
  const messages = node.subscribe(question, options)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const stop = startTimer(SILENCE_MS, () => end.abort(SILENT));
      const next = await messages.next().finally(stop);
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    throw end.signal.aborted ? SILENT : error;
  } finally {
    end.abort();
  }
}

/**
 * A stream across its connections: how far it is, and what it has promised so far. It goes on from its last event, or its
 * beginning: that there was none behind it is the word of one node, which another node need not confirm.
 */
class WatchedStream {
  readonly #terms: WatchTerms;
  #cursor = "";
  /** The place of the cursor; undefined if it has none, so that a node refuses it. */
  #place: CursorPlace | undefined;
  #last: WatchedEvent | undefined;

  constructor(terms: WatchTerms) {
    this.#terms = terms;
    this.#moveTo(terms.from ?? "");
  }

  get question() {
    const { walletId = "", fromHeight } = this.#terms;
    if (this.#cursor !== "") return { walletId, cursor: this.#cursor };
    return { walletId, ...given({ fromHeight }) };
  }

  /** Checks a message and gives its events. */
  *take(message: SubscribeResponse): Generator<WatchedEvent, void, undefined> {
    for (const { cursor, event } of message.events) {
      const next = this.#eventOf(cursor, event);
      this.#check(next, message.height);
      // Before the next call, all events of the message are handed out.
      this.#moveTo(cursor);
      this.#last = next;
      yield next;
    }
    if (this.#cursor === "") this.#begin(message);
    const { height, blockTime, lagging } = message;
    this.#terms.onProgress?.({ cursor: this.#cursor, height, blockTime, lagging });
  }

  /** The first message has the cursor of the beginning, which passes over nothing that was asked for. */
  #begin({ cursor, height: tip }: SubscribeResponse): void {
    const { fromHeight } = this.#terms;
    const place = placeOfCursor(cursor);
    const highest = fromHeight === undefined ? tip : fromHeight - 1n;
    if (place === undefined || BigInt(place.height) > (highest > 0n ? highest : 0n)) {
      throw new ListFault("the stream begins above what was asked for");
    }
    this.#moveTo(cursor);
  }

  #moveTo(cursor: string): void {
    this.#cursor = cursor;
    this.#place = placeOfCursor(cursor);
  }

  #eventOf(cursor: string, event: StreamedEvent): WatchedEvent {
    const isOfWallet = this.#terms.walletId !== undefined;
    if (event.case === "entry" && isOfWallet) return { cursor, kind: "entry", entry: event.value };
    if (event.case === "transaction" && !isOfWallet) {
      return { cursor, kind: "transaction", transaction: event.value };
    }
    throw new ListFault("the stream has events of another kind than was asked for");
  }

  #check(next: WatchedEvent, tip: bigint): void {
    const { walletId, fromHeight = 0n } = this.#terms;
    const last = this.#last;
    const { height, index } = next.kind === "entry" ? next.entry : next.transaction;
    const isOwn = next.kind === "transaction" || isEntryOf(next.entry, walletId);
    if (height > tip || height < fromHeight || !isOwn) {
      throw new ListFault(`event ${index} of block ${height} is not what was asked for`);
    }
    const place = placeOfCursor(next.cursor);
    if (place === undefined || BigInt(place.height) !== height || place.index !== index) {
      throw new ListFault(`the cursor of event ${index} of block ${height} leads to another place`);
    }
    if (this.#place !== undefined && !isBehind(place, this.#place)) {
      throw new ListFault(`event ${index} of block ${height} stands out of its order`);
    }
    if (last?.kind === "entry" && next.kind === "entry") {
      checkEntryOrder([last.entry, next.entry], true);
    }
    if (last?.kind === "transaction" && next.kind === "transaction") {
      checkTransactionOrder([last.transaction, next.transaction]);
    }
  }
}

function isBehind(place: CursorPlace, other: CursorPlace): boolean {
  return place.height === other.height ? place.index > other.index : place.height > other.height;
}

/** As far as the query for its receipt tells. */
function isEntryOf({ kind, counterparty, receipt }: Entry, walletId: string | undefined): boolean {
  if (kind === EntryKind.CREATED) return receipt?.walletId === walletId;
  return receipt?.from === (kind === EntryKind.PAID ? walletId : counterparty);
}

/** True for a failure after which the next call may succeed. */
function passes(error: unknown, hadMessage: boolean): boolean {
  if (error instanceof ListFault) return false;
  // A signature is good for a minute; a token that is not good any more is refused at once.
  return isPassing(error) || (readRefusal(error)?.reason === "UNAUTHENTICATED" && hadMessage);
}
