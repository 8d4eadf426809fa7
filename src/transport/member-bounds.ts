/** Bounds on each member at the peer listener: its connections, and its calls under way on all of them (T6). */
import { constants, type Http2Session, type ServerHttp2Session } from "node:http2";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { TokenBucket } from "../primitives/token-bucket.ts";
import type { HttpHandler } from "./http-adapter.ts";
import type { TransportLog } from "./ports.ts";
import { startTimer } from "./timers.ts";

/** The open connections of each member. One that opens more loses its oldest: it may take up no other's place. */
export class MemberConnections {
  readonly #open = new Map<ValidatorIndex, Set<ServerHttp2Session>>();

  add(member: ValidatorIndex, session: ServerHttp2Session): void {
    const sessions = this.#open.get(member) ?? new Set();
    this.#open.set(member, sessions.add(session));
    session.once("close", () => sessions.delete(session));
    const [oldest] = sessions;
    if (sessions.size > LIMITS.connectionsPerMemberMax) oldest?.destroy();
  }
}

/**
 * A member's calls begin at its rate. One over the rate waits unread with its stream open, and Node buffers what arrives on
 * it; so a call that would wait too long is refused at once, as is one beyond those that the member may have under way.
 */
export function boundCalls(
  handler: HttpHandler,
  callerOf: (session: Http2Session | undefined) => ValidatorIndex | undefined,
  { now, log }: { readonly now: () => number; readonly log: TransportLog },
): HttpHandler {
  // Until the last byte of an answer was read: each may hold many megabytes for as long as the member does not read it.
  const underWay = new KeyCounts<ValidatorIndex>();
  const rates = new Map<ValidatorIndex, TokenBucket>();
  const rateOf = (member: ValidatorIndex): TokenBucket => {
    const rate = rates.get(member) ?? new TokenBucket(LIMITS.callsOfPeer, now());
    rates.set(member, rate);
    return rate;
  };
  return (request, response) => {
    const stream = "stream" in request ? request.stream : undefined;
    const caller = callerOf(stream?.session);
    if (stream === undefined || caller === undefined) {
      handler(request, response);
      return;
    }
    const refuse = () => {
      log.debug({ caller }, "a member has too many calls under way or waiting");
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    };
    const begin = () => {
      if (!underWay.addBelow(LIMITS.callsPerMemberMax, caller)) return refuse();
      stream.once("close", () => underWay.add(caller, -1));
      handler(request, response);
    };
    const rate = rateOf(caller);
    // A refused call is not charged: the debt of a member, and with it each wait, stays bounded however many it opens.
    if (rate.charge(0, now()) > LIMITS.callWaitMsMax) return refuse();
    const waitMs = rate.charge(1, now());
    if (waitMs === 0) begin();
    else stream.once("close", startTimer(waitMs, begin));
  };
}
