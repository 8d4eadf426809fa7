/**
 * Repeats calls that a busy node refuses before it has begun them, at the time that the node names: a few times, and
 * within the call's deadline. No other call is repeated here.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { readRefusal } from "../transport/errors.js";
import { boundDuration, pause, realTimers } from "../transport/timers.js";
export const PATIENCE = { attemptsMax: 5, waitMsMax: 5_000 };
/** Each wait is up to a quarter longer than the hint, so that many clients do not come back at once. */
export function followRetryHints(patience, random) {
    return (next) => async (request) => {
        for (let attempt = 1;; attempt++) {
            try {
                return await next(request);
            }
            catch (error) {
                const afterMs = retryAfterMs(error);
                const isLast = attempt >= patience.attemptsMax || request.stream;
                if (isLast || afterMs === undefined || afterMs > patience.waitMsMax)
                    throw error;
                const jitter = 1 + random() / 4;
                await pause(realTimers, boundDuration(afterMs * jitter), request.signal);
                request.signal.throwIfAborted();
            }
        }
    };
}
/** The hint of a refusal for lack of room; undefined for every other failure. */
function retryAfterMs(error) {
    if (ConnectError.from(error).code !== Code.ResourceExhausted)
        return undefined;
    const hint = Number(readRefusal(error)?.metadata["retryAfterMs"]);
    return hint > 0 ? hint : undefined;
}
