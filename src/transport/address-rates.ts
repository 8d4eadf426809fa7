/**
 * The rates of work that callers cause before they have proved anything: handshakes, which cost this node one to two
 * milliseconds of its one thread each, and signature checks of access tokens. Addresses that are known for a proved
 * identity have a rate of their own, so that strangers elsewhere take nothing from those who come back. Memory is bounded.
 */
import { LIMITS } from "../primitives/limits.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import { type Rate, TokenBucket } from "../primitives/token-bucket.ts";
import type { TransportLog } from "./transport-log.ts";

/** The addresses with which one competes: all others that proved nothing, or only itself. */
export type Lane = "strangers" | "known";

export interface LaneRates {
  /** All strangers together, and one address of them. */
  readonly strangers: Rate;
  readonly stranger: Rate;
  /** One address at which an identity was proved. */
  readonly known: Rate;
}

export interface AddressRatesParts {
  readonly rates: LaneRates;
  readonly isKnown: (prefix: string) => boolean;
  /** The log's line about what is refused. */
  readonly refusedMessage: string;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  readonly log: TransportLog;
}

const REPORT_MS = 60_000;

export class AddressRates {
  readonly #parts: AddressRatesParts;
  readonly #strangers: TokenBucket;
  readonly #rates = new RecencyMap<string, TokenBucket>();
  #refused = 0;
  #reportedAt: number;

  constructor(parts: AddressRatesParts) {
    this.#parts = parts;
    this.#strangers = new TokenBucket(parts.rates.strangers, parts.now());
    this.#reportedAt = parts.now() - REPORT_MS;
  }

  /** Takes the cost of one piece of work from the lane of this address; undefined if it must be refused. */
  laneFor(prefix: string): Lane | undefined {
    const { isKnown, now } = this.#parts;
    if (isKnown(prefix) && this.#rateOf("known", prefix).take(1, now())) return "known";
    // Checks its own rate first, so that an address beyond that takes nothing from the common rate.
    const mayTry = this.#rateOf("stranger", prefix).take(1, now());
    if (mayTry && this.#strangers.take(1, now())) return "strangers";
    this.#report(prefix);
    return undefined;
  }

  #rateOf(kind: "known" | "stranger", prefix: string): TokenBucket {
    const key = `${kind} ${prefix}`;
    const { rates, now } = this.#parts;
    const bucket = this.#rates.get(key) ?? new TokenBucket(rates[kind], now());
    this.#rates.remember(key, bucket, LIMITS.clientsRemembered);
    return bucket;
  }

  /** Logs one line a minute, however many are refused. */
  #report(from: string): void {
    const { now, log, refusedMessage } = this.#parts;
    this.#refused += 1;
    if (now() - this.#reportedAt < REPORT_MS) return;
    log.warn({ from, refused: this.#refused }, refusedMessage);
    this.#reportedAt = now();
    this.#refused = 0;
  }
}
