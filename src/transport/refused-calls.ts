/**
 * Bounds the calls that a port refuses before it admits them: for a rate, a path, a host, a verb or a credential. Each costs the
 * node little, but no rate of calls counts them. A caller that goes on beyond their own rate loses its connection (T9).
 */
import { constants } from "node:http2";
import type { Socket } from "node:net";
import { LIMITS } from "../primitives/limits.ts";
import { RecencyMap } from "../primitives/recency-map.ts";
import { TokenBucket } from "../primitives/token-bucket.ts";
import type { LaneRates } from "./address-rates.ts";
import { callerPrefix } from "./call-bounds.ts";
import type { HttpRequest } from "./http-adapter.ts";
import type { TransportLog } from "./transport-log.ts";

export interface RefusedCallsParts {
  /** Strangers are addresses on connections without a valid credential; known is one address on those with one. */
  readonly rates: LaneRates;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  readonly log: TransportLog;
}

const PROVED = Symbol("a valid credential was shown");

/** A property of the socket, because the proxies that Node's HTTP/2 puts before a socket pass properties on. */
interface Marked {
  [PROVED]?: true;
}

export class RefusedCalls {
  readonly #parts: RefusedCallsParts;
  readonly #strangers: TokenBucket;
  readonly #rates = new RecencyMap<string, TokenBucket>();

  constructor(parts: RefusedCallsParts) {
    this.#parts = parts;
    this.#strangers = new TokenBucket(parts.rates.strangers, parts.now());
  }

  /** A valid credential was shown on the connection: strangers at its address take nothing from its rate. */
  proved(socket: Socket & Marked): void {
    socket[PROVED] = true;
  }

  /** Counts a refused call. Beyond the rate, ends its connection with all calls on it. */
  count(request: HttpRequest): void {
    const from = callerPrefix(request.socket);
    if (this.#take(request.socket, from)) return;
    const message = "a caller calls on and on though it is refused: its connection is closed";
    this.#parts.log.warn({ from }, message);
    end(request);
  }

  #take(socket: Socket & Marked, from: string): boolean {
    const now = this.#parts.now();
    if (socket[PROVED] === true) return this.#rateOf("known", from).take(1, now);
    // Its own rate first, so that an address beyond that takes nothing from the others.
    return this.#rateOf("stranger", from).take(1, now) && this.#strangers.take(1, now);
  }

  #rateOf(kind: "known" | "stranger", from: string): TokenBucket {
    const key = `${kind} ${from}`;
    const { rates, now } = this.#parts;
    const bucket = this.#rates.get(key) ?? new TokenBucket(rates[kind], now());
    this.#rates.remember(key, bucket, LIMITS.clientsRemembered);
    return bucket;
  }
}

function end(request: HttpRequest): void {
  if (!("stream" in request)) {
    request.socket.destroy();
    return;
  }
  // A stream that is closed has no session any more.
  const { session } = request.stream;
  session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  session?.destroy();
}
