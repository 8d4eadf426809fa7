/**
 * The only place that starts timers. Node fires a timer after one millisecond if its delay is above the limit or not
 * a number, so every duration from outside is bounded before it comes here.
 */
import { assert } from "../primitives/assert.js";
import { LIMITS } from "../primitives/limits.js";
/** The number of parts of a wait; arrived input is read between two parts. */
const LISTENING_PARTS = 4;
/** A duration from outside, bounded for a timer. */
export function boundDuration(ms) {
    if (Number.isNaN(ms))
        throw new RangeError("a duration is not a number");
    return Math.min(Math.max(ms, 0), LIMITS.timerMsMax);
}
/** Calls `action` once, after `delayMs`; the returned function cancels it. */
export function startTimer(delayMs, action) {
    const timer = setTimeout(action, checked(delayMs));
    return () => clearTimeout(timer);
}
/** Calls `action` every `periodMs`; the returned function stops that. */
export function startInterval(periodMs, action) {
    const timer = setInterval(action, checked(periodMs));
    return () => clearInterval(timer);
}
/**
 * Calls `action` after `ms` in which this process could have heard the other side; the returned function cancels it.
 * A process that was held up, or whose machine slept, runs its timers before it reads the input that arrived
 * meanwhile: by the clock alone, all its peers would seem dead.
 */
export function afterListening(ms, action) {
    let cancel;
    const listen = (left) => {
        cancel = startTimer(ms / LISTENING_PARTS, () => {
            if (left > 1)
                listen(left - 1);
            else
                action();
        });
    };
    listen(LISTENING_PARTS);
    return () => cancel?.();
}
/** Aborts after `delayMs`; keeps no program from ending. */
export function abortAfter(delayMs) {
    return AbortSignal.timeout(checked(delayMs));
}
/** The timers of the machine. */
export const realTimers = { after: startTimer };
/** Waits `delayMs`; ends early if `signal` aborts, and at once if it has aborted. */
export function startPause(timers, delayMs, signal) {
    const { promise, resolve } = Promise.withResolvers();
    let cancel;
    const settle = (isWhole) => {
        cancel?.();
        signal?.removeEventListener("abort", end);
        resolve(isWhole);
    };
    const end = () => settle(false);
    cancel = timers.after(delayMs, () => settle(true));
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted === true)
        end();
    return { over: promise, end };
}
/** Settles after `delayMs`, or as soon as `signal` aborts. */
export async function pause(timers, delayMs, signal) {
    await startPause(timers, delayMs, signal).over;
}
function checked(ms) {
    assert(ms >= 0 && ms <= LIMITS.timerMsMax, `a timer takes 0 to ${LIMITS.timerMsMax} ms`);
    return ms;
}
