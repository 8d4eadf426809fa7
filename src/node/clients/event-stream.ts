/**
 * Streams of events: entries of one wallet, or transactions of the ledger, as they become final. A stream is a place in the
 * chain that moves up: each page is read from the index or the blocks when the consumer has taken the one before. So a slow
 * consumer costs no memory, and a new stream goes on from the cursor of an old one. Shown is what lists show, the
 * final blocks: none is ever withdrawn, and a seal, which may come late or never, would only delay an event.
 */
import { LIMITS } from "../../primitives/limits.ts";
import { height } from "../../primitives/numbers.ts";
import type { OperationLocation } from "../../storage/contracts.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type { EventsAnswer, EventsQuery } from "../../transport/ledger-events.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import { EventPages, type EventPagesParts, eventList } from "./event-pages.ts";
import type { Followers } from "./followers.ts";
import { endOf, placeIn } from "./list-range.ts";

export interface EventStreamsParts extends EventPagesParts {
  readonly followers: Pick<Followers, "add">;
  readonly system: Pick<System, "monotonic">;
}

export class EventStreams {
  readonly #parts: EventStreamsParts;
  readonly #pages: EventPages;

  constructor(parts: EventStreamsParts) {
    this.#parts = parts;
    this.#pages = new EventPages(parts);
  }

  /** The first answer comes at once: it has no event, and the cursor of the beginning. */
  async *events(
    query: EventsQuery,
    call: CallContext,
  ): AsyncGenerator<EventsAnswer | Refusal, void, undefined> {
    const { followers, system } = this.#parts;
    const start = this.#start(query);
    if (start instanceof Refusal) return void (yield start);
    const refusal = await this.#pages.problem(query, start, call);
    if (refusal !== undefined) return void (yield refusal);
    const follower = followers.add(query.walletId);
    try {
      let place = start;
      yield this.#pages.answerAt(query, place);
      let toldAt = system.monotonic();
      while (!call.signal.aborted) {
        // Before the page is read: a block that is committed meanwhile is news.
        follower.forget();
        const page = await this.#pages.after(query, place, call);
        if (page instanceof Refusal) return void (yield page);
        place = page.end;
        if (page.answer.events.length > 0 || system.monotonic() - toldAt >= LIMITS.heartbeatMs) {
          yield page.answer;
          toldAt = system.monotonic();
        }
        const restMs = toldAt + LIMITS.heartbeatMs - system.monotonic();
        if (page.pauseMs > 0) await follower.news(Math.min(restMs, page.pauseMs), call.signal);
      }
    } finally {
      follower.leave();
    }
  }

  /** The place behind which the stream begins. */
  #start({ walletId, cursor, fromHeight }: EventsQuery): OperationLocation | Refusal {
    const { cursors, finalizer } = this.#parts;
    // The genesis, height 0, has no operation: behind it is the beginning of the chain.
    if (fromHeight !== undefined) return endOf(height(Math.max(0, fromHeight - 1)), false);
    const place = placeIn(cursors, eventList(walletId), cursor, { lowest: 0 });
    return place ?? endOf(finalizer.committed.state.height, false);
  }
}
