/**
 * The rate at which lists are read (T9): of each caller, and of all callers of a kind together, so that callers without a
 * credential take nothing from those with one, and one caller takes little from others of its kind. A call takes the most that it may read before anything is looked up, and
 * gives back what it did not read: calls that come together cannot read more than the burst.
 */
import { isAnonymous, isWallet, OPEN_CALLER } from "../../access/principal.ts";
import { assert } from "../../primitives/assert.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import { type Rate, TokenBucket } from "../../primitives/token-bucket.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";

/** Records that one call reads at most. */
export const READS_PER_CALL_MAX = 4_000;
/**
 * Records of one caller, and of all callers of its kind: of ten microseconds each, all kinds together take two fifths of the
 * thread. A node without access control has no other callers.
 */
const RATES: Readonly<Record<Kind, { readonly ofOne: Rate; readonly ofAll: Rate }>> = {
  open: {
    ofOne: { perSecond: 20_000, burst: 40_000 },
    ofAll: { perSecond: 30_000, burst: 60_000 },
  },
  named: {
    ofOne: { perSecond: 7_500, burst: 15_000 },
    ofAll: { perSecond: 30_000, burst: 60_000 },
  },
  wallets: {
    ofOne: { perSecond: 1_500, burst: 5_500 },
    ofAll: { perSecond: 6_000, burst: 22_000 },
  },
  anonymous: {
    ofOne: { perSecond: 1_000, burst: 5_500 },
    ofAll: { perSecond: 4_000, burst: 22_000 },
  },
};
/** A call itself counts as this many records. */
const PER_CALL = 20;
/**
 * Records that only pages of streams at the tip may take: lists and older pages leave so many. A page there has the largest block at least,
 * even if lists take the rest.
 */
export const LIVE_PAGE_READS = 1_380;
const LEFT_TO_LIVE_PAGES = PER_CALL + LIVE_PAGE_READS;
/** The number of callers whose rate is remembered. */
const CALLERS_MAX = 4_096;

/** Those of a node without access control; with a credential; wallets that sign their reads; and the others. */
type Kind = "open" | "named" | "wallets" | "anonymous";

export type Reader = Pick<CallContext, "caller" | "countedAs">;

/** Records that a page of a stream reads: it can do with the fewest, and has no use for more than the most. */
export interface PageReads {
  readonly fewest: number;
  readonly most: number;
  /** The page is at the tip of the chain, so that it reads about as much as the chain grows. */
  readonly isLive: boolean;
}

for (const [kind, { ofOne, ofAll }] of Object.entries(RATES)) {
  const least = LEFT_TO_LIVE_PAGES + PER_CALL + READS_PER_CALL_MAX;
  assert(ofOne.burst >= least, "a caller that waits can make the largest call");
  const isQuarter = 4 * ofOne.perSecond <= ofAll.perSecond && 4 * ofOne.burst <= ofAll.burst;
  assert(kind === "open" || isQuarter, "one caller has at most a quarter of the rate of its kind");
}

/** Records that one call may still read. */
export class ReadMeter {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  get left(): number {
    return this.#left;
  }

  take(records: number): void {
    this.#left -= records;
    assert(this.#left >= 0, "a call reads no more than it has taken");
  }
}

export class ListReads {
  readonly #now: () => number;
  readonly #ofKind: Readonly<Record<Kind, TokenBucket>>;
  readonly #ofCaller = new RecencyMap<string, TokenBucket>();

  /** `now`: milliseconds; only differences matter. */
  constructor(now: () => number) {
    this.#now = now;
    const bucketOf = (kind: Kind) => new TokenBucket(RATES[kind].ofAll, now());
    this.#ofKind = {
      open: bucketOf("open"),
      named: bucketOf("named"),
      wallets: bucketOf("wallets"),
      anonymous: bucketOf("anonymous"),
    };
  }

  /** Takes `most` records for a call; the refusal if the caller, or all of its kind, have read too fast. */
  begin(reader: Reader, most: number): Refusal | undefined {
    const taken = this.#take(reader, { fewest: most, most, isLive: false });
    return taken instanceof Refusal ? taken : undefined;
  }

  /** The records that were taken, from the fewest to the most: as many as there are. */
  #take(reader: Reader, { fewest, most, isLive }: PageReads): number | Refusal {
    const own = this.#bucketOf(reader);
    const ofKind = this.#ofKind[kindOf(reader)];
    const now = this.#now();
    const left = isLive ? 0 : LEFT_TO_LIVE_PAGES;
    const least = PER_CALL + fewest;
    const [held, heldByKind] = [own.held(now) - left, ofKind.held(now) - left];
    if (held < least) {
      return tooFast("this caller reads lists faster than is allowed", own.waitMs(least + left));
    }
    if (heldByKind < least) {
      return tooFast("lists are read faster than this node allows", ofKind.waitMs(least + left));
    }
    const taken = Math.min(PER_CALL + most, Math.floor(Math.min(held, heldByKind)));
    for (const bucket of [own, ofKind]) assert(bucket.take(taken, now), "it is held");
    return taken - PER_CALL;
  }

  /** Gives back what a call took and did not read. */
  giveBack(reader: Reader, records: number): void {
    this.#bucketOf(reader).giveBack(records);
    this.#ofKind[kindOf(reader)].giveBack(records);
  }

  /** Runs a call that reads `most` records at most; the meter counts them. */
  async metered<T>(
    reader: Reader,
    most: number,
    run: (meter: ReadMeter) => Promise<T>,
  ): Promise<T | Refusal> {
    return await this.meteredPage(reader, { fewest: most, most, isLive: false }, run);
  }

  /** Runs a page of a stream, whose meter may have fewer records than the most. */
  async meteredPage<T>(
    reader: Reader,
    reads: PageReads,
    run: (meter: ReadMeter) => Promise<T>,
  ): Promise<T | Refusal> {
    const taken = this.#take(reader, reads);
    if (taken instanceof Refusal) return taken;
    const meter = new ReadMeter(taken);
    try {
      return await run(meter);
    } finally {
      this.giveBack(reader, meter.left);
    }
  }

  #bucketOf(reader: Reader): TokenBucket {
    const { countedAs } = reader;
    const { ofOne } = RATES[kindOf(reader)];
    const bucket = this.#ofCaller.get(countedAs) ?? new TokenBucket(ofOne, this.#now());
    this.#ofCaller.remember(countedAs, bucket, CALLERS_MAX);
    return bucket;
  }
}

function kindOf({ caller }: Reader): Kind {
  if (caller.principal === OPEN_CALLER.principal) return "open";
  if (isAnonymous(caller)) return "anonymous";
  return isWallet(caller) ? "wallets" : "named";
}

function tooFast(message: string, retryAfterMs: number): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message,
    metadata: { retryAfterMs: String(Math.max(1, retryAfterMs)) },
  });
}

/** For a page that was not read to its end: without this it would look like the last one. */
export function interrupted(): Refusal {
  return new Refusal("DEADLINE_EXCEEDED", {
    message: "the list was interrupted: the caller's time was over, or the node is stopping",
    remedy: "Ask for the same page again.",
  });
}
