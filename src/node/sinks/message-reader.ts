/**
 * Divides the events behind a place into the messages of a sink. A message has events of one block, which never change, and
 * as many as fit: so it is the same each time that it is read from the place where the one before ended, after a restart and at
 * every node, and so is its id. Held are the events of a page at most, and the beginning of a message.
 */
import type { WalletId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { Height } from "../../primitives/numbers.ts";
import type { OperationLocation } from "../../storage/contracts.ts";
import { placeOfCursor } from "../../transport/cursor-place.ts";
import type { LedgerEvent } from "../../transport/ledger-events.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { FeedReader, LedgerFeed } from "./ledger-feed.ts";

export interface SinkMessage {
  /** The same for the same events of the same wallet or ledger, wherever and however often they are sent. */
  readonly id: string;
  /** The message was read from behind this place. */
  readonly behind: OperationLocation;
  /** The place of its last event. */
  readonly end: OperationLocation;
  readonly height: Height;
  /** Of the block, milliseconds since 1970. */
  readonly blockTime: number;
  readonly walletId: WalletId | undefined;
  /** At least one, in the order of the chain. */
  readonly events: readonly LedgerEvent[];
}

/** Before the cursor of the last event of a message. */
const MESSAGE_ID_PREFIX = "msg_";

/** The place of the last event of a message, by its id; undefined for the id of anything else. */
export function placeOfMessage(id: string): OperationLocation | undefined {
  if (!id.startsWith(MESSAGE_ID_PREFIX)) return undefined;
  return placeOfCursor(id.slice(MESSAGE_ID_PREFIX.length));
}

export interface MessageReaderParts {
  readonly feed: LedgerFeed;
  readonly walletId: WalletId | undefined;
  /** Where the first message begins. */
  readonly place: OperationLocation;
  readonly reader: FeedReader;
  /** Events of one message at most; absent: as many as the limit says. */
  readonly eventsMax?: number;
}

/** Between two looks at a feed that refuses: what it lacks is on its way. */
const REFUSED_MS = 5_000;

export class MessageReader {
  readonly #parts: MessageReaderParts;
  /** The place where the next message begins. */
  #place: OperationLocation;
  /** Events behind it that were read already, up to this place and this height. */
  #read: LedgerEvent[] = [];
  #readTo: OperationLocation;
  #completeTo = -1;
  #problem: string | undefined;

  constructor(parts: MessageReaderParts) {
    this.#parts = parts;
    this.#place = parts.place;
    this.#readTo = parts.place;
  }

  /** Why no message can be read at present; undefined if there is no reason but that there is none. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The next message, the same one until it is passed; undefined once `signal` aborts. */
  async next(signal: AbortSignal): Promise<SinkMessage | undefined> {
    const { feed, walletId } = this.#parts;
    const news = feed.follow(walletId);
    try {
      while (!signal.aborted) {
        const message = this.#whole();
        if (message !== undefined) return message;
        // Before the page is read: a block that is committed meanwhile is news.
        news.forget();
        const pauseMs = await this.#readPage();
        if (pauseMs > 0) await news.news(pauseMs, signal);
      }
      return undefined;
    } finally {
      news.leave();
    }
  }

  /** The message was taken: the next one is behind it. */
  pass({ events, end }: SinkMessage): void {
    this.#read = this.#read.slice(events.length);
    this.#place = end;
  }

  /** Gives the time until the next look is worth it, milliseconds. */
  async #readPage(): Promise<number> {
    const { feed, walletId, reader } = this.#parts;
    const page = await feed.after(walletId, this.#readTo, reader);
    if (page instanceof Refusal) {
      this.#problem = page.message;
      return REFUSED_MS;
    }
    this.#problem = undefined;
    this.#read.push(...page.events);
    this.#readTo = page.end;
    this.#completeTo = page.completeTo;
    return this.#whole() === undefined ? page.pauseMs : 0;
  }

  /** The first message, if all of its events were read. */
  #whole(): SinkMessage | undefined {
    // If another version had another bound, a message that is under way would come again under another id.
    const { eventsMax = LIMITS.webhooks.eventsOfMessageMax } = this.#parts;
    const [first] = this.#read;
    if (first === undefined) return undefined;
    const { height, time } = placeOf(first);
    const rest = this.#read.findIndex((event) => placeOf(event).height !== height);
    const ofBlock = rest < 0 ? this.#read.length : rest;
    if (ofBlock < eventsMax && rest < 0 && this.#completeTo < height) return undefined;
    const events = this.#read.slice(0, Math.min(ofBlock, eventsMax));
    const last = events.at(-1) ?? first;
    return {
      id: MESSAGE_ID_PREFIX + last.cursor,
      behind: this.#place,
      end: { height, index: placeOf(last).index },
      height,
      blockTime: time,
      walletId: this.#parts.walletId,
      events,
    };
  }
}

function placeOf(event: LedgerEvent) {
  return event.kind === "entry" ? event.entry : event.transaction;
}
