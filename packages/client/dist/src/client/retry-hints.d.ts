/**
 * Repeats calls that a busy node refuses before it has begun them, at the time that the node names: a few times, and
 * within the call's deadline. No other call is repeated here.
 */
import { type Interceptor } from "@connectrpc/connect";
export interface RetryPatience {
    /** The largest number of attempts for one call. */
    readonly attemptsMax: number;
    /** The longest wait before one attempt, milliseconds; a longer hint is left to the caller. */
    readonly waitMsMax: number;
}
export declare const PATIENCE: RetryPatience;
/** Each wait is up to a quarter longer than the hint, so that many clients do not come back at once. */
export declare function followRetryHints(patience: RetryPatience, random: () => number): Interceptor;
