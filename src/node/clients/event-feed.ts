/** The events of the ledger for the node's own sinks: the pages of streams, counted against the same rates. */
import { findWallet } from "../../ledger/state.ts";
import type { WalletId } from "../../primitives/ids.ts";
import { type Height, height } from "../../primitives/numbers.ts";
import type { OperationLocation } from "../../storage/contracts.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { FeedNews, FeedPage, FeedReader, LedgerFeed } from "../sinks/ledger-feed.ts";
import { EventPages, type EventPagesParts } from "./event-pages.ts";
import type { Followers } from "./followers.ts";
import { endOf, heightBehind } from "./list-range.ts";

export interface EventFeedParts extends EventPagesParts {
  readonly followers: Pick<Followers, "add">;
}

export class EventFeed implements LedgerFeed {
  readonly #parts: EventFeedParts;
  readonly #pages: EventPages;

  constructor(parts: EventFeedParts) {
    this.#parts = parts;
    this.#pages = new EventPages(parts);
  }

  get tip(): Height {
    return this.#parts.finalizer.committed.state.height;
  }

  knowsWallet(wallet: WalletId): boolean {
    const { context, finalizer } = this.#parts;
    return findWallet(context, finalizer.committed.state, wallet) !== undefined;
  }

  before(at: Height): OperationLocation {
    // The genesis, height 0, has no operation.
    return endOf(height(Math.max(0, at - 1)), false);
  }

  async after(
    walletId: WalletId | undefined,
    place: OperationLocation,
    reader: FeedReader,
  ): Promise<FeedPage | Refusal> {
    const page = await this.#pages.after({ walletId }, place, reader);
    if (page instanceof Refusal) return page;
    const { answer, end, pauseMs } = page;
    return { events: answer.events, end, completeTo: heightBehind(end) - 1, pauseMs };
  }

  follow(walletId: WalletId | undefined): FeedNews {
    return this.#parts.followers.add(walletId);
  }
}
