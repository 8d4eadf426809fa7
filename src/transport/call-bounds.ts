/**
 * Bounds on each caller: calls per second, and calls under way. A call beyond them is refused before its body is
 * read, with the time after which it may come again (T9).
 */
import { isIPv6, type Socket } from "node:net";
import { KeyCounts } from "../primitives/key-counts.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import { type Rate, TokenBucket } from "../primitives/token-bucket.ts";
import { Refusal } from "./refusal.ts";

export interface CallBoundsOptions {
  /** Of one caller. */
  readonly rate: Rate;
  /** Of all callers together; absent: none. */
  readonly rateOfAll?: Rate;
  /** Calls under way of one caller; absent if they are bounded elsewhere. */
  readonly underWayPerCallerMax?: number;
  /** Calls of all callers under way. */
  readonly underWayMax?: number;
  /** The number of callers whose rate is remembered; the least recently active one is forgotten. */
  readonly callersMax: number;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
}

/** The hint for a caller that has too many calls under way, milliseconds. */
const UNDER_WAY_RETRY_MS = 500;

const IPV6_GROUPS = 8;
const PREFIX_GROUPS = 4;

export class CallBounds<Key> {
  readonly #options: CallBoundsOptions;
  readonly #rates = new RecencyMap<Key, TokenBucket>();
  readonly #rateOfAll: TokenBucket | undefined;
  readonly #underWay = new KeyCounts<Key>();

  constructor(options: CallBoundsOptions) {
    this.#options = options;
    const { rateOfAll, now } = options;
    if (rateOfAll !== undefined) this.#rateOfAll = new TokenBucket(rateOfAll, now());
  }

  /** Begins a call: gives the refusal, or the function to call once when the call is over. */
  begin(key: Key): Refusal | (() => void) {
    const {
      underWayPerCallerMax = Number.POSITIVE_INFINITY,
      underWayMax = Number.POSITIVE_INFINITY,
      now,
    } = this.#options;
    const rate = this.#rateOf(key);
    if (this.#underWay.of(key) >= underWayPerCallerMax) {
      return tooManyCalls("too many calls of this caller are under way", UNDER_WAY_RETRY_MS);
    }
    if (this.#underWay.total >= underWayMax) {
      return tooManyCalls("this node has too many calls under way", UNDER_WAY_RETRY_MS);
    }
    if (!rate.take(1, now())) {
      return tooManyCalls("the calls come faster than this node answers them", rate.waitMs(1));
    }
    // Last, so that a caller beyond its own bounds takes nothing from the others.
    const ofAll = this.#rateOfAll;
    if (ofAll !== undefined && !ofAll.take(1, now())) {
      return tooManyCalls(
        "the calls of all such callers come faster than is allowed",
        ofAll.waitMs(1),
      );
    }
    this.#underWay.add(key);
    return () => this.#underWay.add(key, -1);
  }

  #rateOf(key: Key): TokenBucket {
    const { rate, callersMax, now } = this.#options;
    const bucket = this.#rates.get(key) ?? new TokenBucket(rate, now());
    this.#rates.set(key, bucket);
    for (const [other] of this.#rates) {
      if (this.#rates.size <= callersMax) break;
      // A caller with calls under way is not forgotten, and neither is the present caller: their rates keep counting.
      if (this.#underWay.of(other) === 0 && other !== key) this.#rates.delete(other);
    }
    return bucket;
  }
}

/**
 * The text under which calls are counted: an IPv4 address, or the first 64 bits of an IPv6 address, because the
 * holder of one address of such a network has all of them (RFC 6177 section 2) and would otherwise count as many
 * callers.
 */
export function callerPrefix({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string {
  const [address = ""] = remoteAddress.split("%");
  if (!isIPv6(address)) return address;
  // IPv4 on a socket for both families (RFC 4291 section 2.5.5.2).
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const [head = [], tail = []] = address
    .split("::")
    .map((side) => (side === "" ? [] : side.split(":")));
  const missing = address.includes("::") ? IPV6_GROUPS - head.length - tail.length : 0;
  const groups = [...head, ...new Array<string>(Math.max(0, missing)).fill("0"), ...tail];
  const network = groups.slice(0, PREFIX_GROUPS).map((group) => Number.parseInt(group, 16));
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
}

/** The refusal of a call that may come again after a time. */
export function tooManyCalls(message: string, retryAfterMs: number): Refusal {
  return new Refusal("TOO_MANY_REQUESTS", {
    message,
    metadata: { retryAfterMs: String(Math.max(1, retryAfterMs)) },
  });
}
