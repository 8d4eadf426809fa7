/**
 * The rate at which lists are read (T9): of each caller, and of all together. A call takes the most that it may read before
 * anything is looked up, and gives back what it did not read: calls that come together cannot read more than the burst.
 */
import { assert } from "../../primitives/assert.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import { type Rate, TokenBucket } from "../../primitives/token-bucket.ts";
import { Refusal } from "../../transport/refusal.ts";

/** Records that one call reads at most. */
export const READS_PER_CALL_MAX = 4_000;
/** Records of one caller, and of all callers together: of ten microseconds each, the latter take two fifths of the thread. */
const OF_CALLER: Rate = { perSecond: 20_000, burst: 40_000 };
const OF_ALL: Rate = { perSecond: 40_000, burst: 80_000 };
/** A call itself counts as this many records. */
const PER_CALL = 20;
/** The number of callers whose rate is remembered. */
const CALLERS_MAX = 4_096;

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
  readonly #ofAll: TokenBucket;
  readonly #ofCaller = new RecencyMap<string, TokenBucket>();

  /** `now`: milliseconds; only differences matter. */
  constructor(now: () => number) {
    this.#now = now;
    this.#ofAll = new TokenBucket(OF_ALL, now());
  }

  /** Takes `most` records for a call; the refusal if the caller, or all of them, have read too fast. */
  begin(countedAs: string, most: number): Refusal | undefined {
    const own = this.#bucketOf(countedAs);
    const cost = PER_CALL + most;
    if (!own.take(cost, this.#now())) {
      return tooFast("this caller reads lists faster than is allowed", own.waitMs(cost));
    }
    if (!this.#ofAll.take(cost, this.#now())) {
      own.giveBack(cost);
      return tooFast("lists are read faster than this node allows", this.#ofAll.waitMs(cost));
    }
    return undefined;
  }

  /** Gives back what a call took and did not read. */
  giveBack(countedAs: string, records: number): void {
    this.#bucketOf(countedAs).giveBack(records);
    this.#ofAll.giveBack(records);
  }

  /** Runs a call that reads `most` records at most; the meter counts them. */
  async metered<T>(
    countedAs: string,
    most: number,
    run: (meter: ReadMeter) => Promise<T>,
  ): Promise<T | Refusal> {
    const refusal = this.begin(countedAs, most);
    if (refusal !== undefined) return refusal;
    const meter = new ReadMeter(most);
    try {
      return await run(meter);
    } finally {
      this.giveBack(countedAs, meter.left);
    }
  }

  #bucketOf(countedAs: string): TokenBucket {
    const bucket = this.#ofCaller.get(countedAs) ?? new TokenBucket(OF_CALLER, this.#now());
    this.#ofCaller.remember(countedAs, bucket, CALLERS_MAX);
    return bucket;
  }
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
