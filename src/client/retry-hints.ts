/**
 * A node that has too much to do refuses a call before anything comes of it and says when to come again: the client
 * does, a few times and within the call's deadline. Nothing else is repeated here.
 */
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { readRefusal } from "../transport/errors.ts";
import { boundDuration, pause, realTimers } from "../transport/timers.ts";

export interface RetryPatience {
  /** Most calls made for one that was asked for. */
  readonly attemptsMax: number;
  /** Most milliseconds waited before one attempt; a longer hint is the caller's to follow. */
  readonly waitMsMax: number;
}

export const PATIENCE: RetryPatience = { attemptsMax: 5, waitMsMax: 5_000 };

/** Each wait is up to a quarter longer than asked for, so that many clients do not come back at once. */
export function followRetryHints(patience: RetryPatience, random: () => number): Interceptor {
  return (next) => async (request) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await next(request);
      } catch (error) {
        const afterMs = retryAfterMs(error);
        const isLast = attempt >= patience.attemptsMax || request.stream;
        if (isLast || afterMs === undefined || afterMs > patience.waitMsMax) throw error;
        const jitter = 1 + random() / 4;
        await pause(realTimers, boundDuration(afterMs * jitter), request.signal);
        request.signal.throwIfAborted();
      }
    }
  };
}

/** The hint of a refusal for want of room; undefined for every other failure. */
function retryAfterMs(error: unknown): number | undefined {
  if (ConnectError.from(error).code !== Code.ResourceExhausted) return undefined;
  const hint = Number(readRefusal(error)?.metadata["retryAfterMs"]);
  return hint > 0 ? hint : undefined;
}
