/**
 * Calls that failed without an answer, and what to do about them. Such a call has one code, unavailable, if its connection ended:
 * Node reports such an end in many forms, and connect-node gives them other codes: "internal" if the other side says GOAWAY just
 * when a call begins, "canceled" if it is killed.
 */
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { readRefusal } from "../transport/errors.ts";
import type { RefusalReason } from "../transport/refusal.ts";
import { boundDuration } from "../transport/timers.ts";

/** Refusals that say nothing of the request, and end by themselves, at this node or at another one. */
const PASSING: ReadonlySet<RefusalReason> = new Set([
  ...(["SHUTTING_DOWN", "NOT_READY", "LAGGING", "HISTORY_INCOMPLETE", "PRUNED"] as const),
  ...(["TOO_MANY_REQUESTS", "POOL_FULL", "DEADLINE_EXCEEDED", "CANCELED"] as const),
]);
/** Codes of a call that its node did not answer. */
const UNANSWERED: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.Aborted,
  Code.DeadlineExceeded,
]);
/** The waits before further attempts: the first, and the longest, milliseconds. */
const WAIT_MS = { first: 250, longest: 5_000 } as const;

/** Node's codes for a connection, or a stream on it, that cannot be made or has ended. Those of a certificate are not among them. */
const LOST: ReadonlySet<unknown> = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT"],
  ...["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "ENOTFOUND", "EAI_AGAIN"],
  ...["ERR_SOCKET_CLOSED", "ERR_STREAM_DESTROYED", "ERR_STREAM_PREMATURE_CLOSE"],
  ...["ERR_HTTP2_GOAWAY_SESSION", "ERR_HTTP2_INVALID_SESSION", "ERR_HTTP2_INVALID_STREAM"],
  ...["ERR_HTTP2_SESSION_ERROR", "ERR_HTTP2_STREAM_CANCEL", "ERR_HTTP2_STREAM_ERROR"],
]);

/** The innermost interceptor of a client. A call that its own caller ends keeps the error that says so. */
export const nameLostCalls: Interceptor = (next) => async (request) => {
  const named = (error: unknown): unknown => {
    if (request.signal.aborted || !isLost(error)) return error;
    const { rawMessage, metadata, cause } = ConnectError.from(error);
    return new ConnectError(rawMessage, Code.Unavailable, metadata, undefined, cause);
  };
  try {
    const response = await next(request);
    if (!response.stream) return response;
    return { ...response, message: naming(response.message, named) };
  } catch (error) {
    throw named(error);
  }
};

/** The connection may also end between the answers of a stream. */
async function* naming<T>(
  messages: AsyncIterable<T>,
  named: (error: unknown) => unknown,
): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw named(error);
  }
}

/** True if the connection of the call has ended, or could not be made. */
export function isLost(error: unknown): boolean {
  // A stream that the other side resets by CANCEL, as a dying Node does, has no cause; an answer has a detail.
  if (error instanceof ConnectError && error.code === Code.Canceled) {
    return error.details.length === 0;
  }
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && LOST.has(cause.code)) return true;
  }
  return false;
}

/**
 * True for a failure of a call, or of a stream, after which the same one may succeed, at this node or at another. The node may have
 * done what it was asked, so only what is safe to repeat is repeated. All that the library repeats by itself goes by this.
 */
export function isPassing(error: unknown): boolean {
  const refusal = readRefusal(error);
  if (refusal !== undefined) return PASSING.has(refusal.reason);
  return isLost(error) || UNANSWERED.has(ConnectError.from(error).code);
}

/** The wait before the next attempt after `failures` in a row, milliseconds: twice as long each time, or as long as the node says. */
export function waitAfter(error: unknown, failures: number): number {
  const hint = Number(readRefusal(error)?.metadata["retryAfterMs"]);
  const own = Math.min(WAIT_MS.first * 2 ** Math.min(failures - 1, 10), WAIT_MS.longest);
  return boundDuration(Math.max(hint > 0 ? hint : 0, own));
}
