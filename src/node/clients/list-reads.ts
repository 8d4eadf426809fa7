/**
 * The rate at which lists are read (T9): of each caller, and of all together. A call is charged for the records that it read,
 * after it; while a caller is in debt, its next call is refused before anything is looked up.
 */
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

export class ListReads {
  readonly #now: () => number;
  readonly #ofAll: TokenBucket;
  readonly #ofCaller = new RecencyMap<string, TokenBucket>();

  /** `now`: milliseconds; only differences matter. */
  constructor(now: () => number) {
    this.#now = now;
    this.#ofAll = new TokenBucket(OF_ALL, now());
  }

  /** Counts a call; the refusal if the caller, or all of them, have read too fast. */
  begin(countedAs: string): Refusal | undefined {
    const own = this.#bucketOf(countedAs);
    if (!own.take(PER_CALL, this.#now())) {
      return tooFast("this caller reads lists faster than is allowed", own.waitMs(PER_CALL));
    }
    if (!this.#ofAll.take(PER_CALL, this.#now())) {
      return tooFast("lists are read faster than this node allows", this.#ofAll.waitMs(PER_CALL));
    }
    return undefined;
  }

  /** Charges the caller for records that were read. */
  read(countedAs: string, records: number): void {
    this.#bucketOf(countedAs).charge(records, this.#now());
    this.#ofAll.charge(records, this.#now());
  }

  #bucketOf(countedAs: string): TokenBucket {
    const bucket = this.#ofCaller.get(countedAs) ?? new TokenBucket(OF_CALLER, this.#now());
    this.#ofCaller.set(countedAs, bucket);
    for (const [oldest] of this.#ofCaller) {
      if (this.#ofCaller.size <= CALLERS_MAX) break;
      this.#ofCaller.delete(oldest);
    }
    return bucket;
  }
}

function tooFast(message: string, retryAfterMs: number): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message,
    metadata: { retryAfterMs: String(Math.max(1, retryAfterMs)) },
  });
}
