/**
 * The rates at which signatures of callers are checked. An address from which a signature held competes with its like only,
 * so strangers cannot use up what it needs. Memory is bounded.
 */
import { LIMITS } from "../../primitives/limits.ts";
import { RecencyMap } from "../../primitives/recency-map.ts";
import { TokenBucket } from "../../primitives/token-bucket.ts";

export class CheckRates {
  readonly #now: () => number;
  readonly #addresses = new RecencyMap<string, TokenBucket>();
  /** Addresses from which a signature held, the last ones. */
  readonly #known = new RecencyMap<string, true>();
  readonly #ofStrangers: TokenBucket;
  readonly #ofKnown: TokenBucket;

  /** `now`: milliseconds; only differences matter. */
  constructor(now: () => number) {
    const { checksOfStrangers, checksOfKnown } = LIMITS.signedReads;
    this.#now = now;
    this.#ofStrangers = new TokenBucket(checksOfStrangers, now());
    this.#ofKnown = new TokenBucket(checksOfKnown, now());
  }

  /** Takes one check for this address: 0, or the milliseconds to wait if it may not be made now. */
  take(address: string): number {
    const own = this.#rateOf(address);
    // First, so that an address beyond its own rate takes nothing from the others.
    if (!own.take(1, this.#now())) return Math.max(1, own.waitMs(1));
    const shared = this.#known.has(address) ? this.#ofKnown : this.#ofStrangers;
    return shared.take(1, this.#now()) ? 0 : Math.max(1, shared.waitMs(1));
  }

  /** A signature from this address held. */
  held(address: string): void {
    this.#known.remember(address, true, LIMITS.clientsRemembered);
  }

  #rateOf(address: string): TokenBucket {
    const bucket =
      this.#addresses.get(address) ??
      new TokenBucket(LIMITS.signedReads.checksOfAddress, this.#now());
    this.#addresses.remember(address, bucket, LIMITS.clientsRemembered);
    return bucket;
  }
}
