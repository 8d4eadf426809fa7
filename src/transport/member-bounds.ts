/** Bounds on each member at the peer listener: its connections, and its calls under way on all of them (T6). */
import { constants, type Http2Session, type ServerHttp2Session } from "node:http2";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { rateOfMember, roomOfMember } from "../primitives/member-shares.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { type Rate, TokenBucket } from "../primitives/token-bucket.ts";
import type { HttpHandler } from "./http-adapter.ts";
import { startTimer } from "./timers.ts";
import type { TransportLog } from "./transport-log.ts";

/**
 * The open connections of each member. A member that opens too many loses its oldest one, so it takes no other
 * member's place.
 */
export class MemberConnections {
  readonly #max: number;
  readonly #open = new Map<ValidatorIndex, Set<ServerHttp2Session>>();

  /** `max`: of one member. */
  constructor(max: number) {
    this.#max = max;
  }

  add(member: ValidatorIndex, session: ServerHttp2Session): void {
    const sessions = this.#open.get(member) ?? new Set();
    this.#open.set(member, sessions.add(session));
    session.once("close", () => sessions.delete(session));
    const [oldest] = sessions;
    if (sessions.size > this.#max) oldest?.destroy();
  }
}

/**
 * Starts a member's calls at its rate. A call over the rate waits unread, with its stream open, and Node buffers the
 * bytes that arrive on it. A call that would wait too long is therefore refused at once, like one beyond the member's
 * calls under way. A refusal costs little and is not charged to the rate of calls. It has a rate of its own, and a member
 * that goes on beyond it loses its connection.
 */
export function boundCalls(
  handler: HttpHandler,
  callerOf: (session: Http2Session | undefined) => ValidatorIndex | undefined,
  options: {
    /** n of the network. */
    readonly members: number;
    readonly now: () => number;
    readonly log: TransportLog;
  },
): HttpHandler {
  // Counts until the last byte of the answer is read: an unread answer may hold many megabytes.
  const underWay = new KeyCounts<ValidatorIndex>();
  const { members, now, log } = options;
  const { callsMax } = roomOfMember(members);
  const rateOf = ratesOfMembers(rateOfMember("callsOfPeer", members), now);
  const refusalsOf = ratesOfMembers(rateOfMember("refusedCallsOfPeer", members), now);
  return (request, response) => {
    const stream = "stream" in request ? request.stream : undefined;
    const caller = callerOf(stream?.session);
    if (stream === undefined || caller === undefined) {
      handler(request, response);
      return;
    }
    // A stream that is closed has no session any more.
    const { session } = stream;
    const refuse = () => {
      log.debug({ caller }, "a member has too many calls under way or waiting");
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      if (refusalsOf(caller).take(1, now())) return;
      log.warn(
        { caller },
        "a member calls on and on though it is refused: its connection is closed",
      );
      session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      session?.destroy();
    };
    const begin = () => {
      if (!underWay.addBelow(callsMax, caller)) return refuse();
      stream.once("close", () => underWay.add(caller, -1));
      handler(request, response);
    };
    const rate = rateOf(caller);
    // A refused call is not charged, so a member's debt, and with it each wait, stays bounded however many calls it
    // opens.
    if (rate.charge(0, now()) > LIMITS.callWaitMsMax) return refuse();
    const waitMs = rate.charge(1, now());
    if (waitMs === 0) begin();
    else stream.once("close", startTimer(waitMs, begin));
  };
}

function ratesOfMembers(rate: Rate, now: () => number): (member: ValidatorIndex) => TokenBucket {
  const rates = new Map<ValidatorIndex, TokenBucket>();
  return (member) => {
    const held = rates.get(member) ?? new TokenBucket(rate, now());
    rates.set(member, held);
    return held;
  };
}
