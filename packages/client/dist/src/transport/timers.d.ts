/** Timers for the transport's own waits, supplied so that tests can move time. */
export interface TransportTimers {
    /** Calls `action` once, after at least `delayMs`; the returned function cancels it. */
    after(delayMs: number, action: () => void): () => void;
}
/** A duration from outside, bounded for a timer. */
export declare function boundDuration(ms: number): number;
/** Calls `action` once, after `delayMs`; the returned function cancels it. */
export declare function startTimer(delayMs: number, action: () => void): () => void;
/** Calls `action` every `periodMs`; the returned function stops that. */
export declare function startInterval(periodMs: number, action: () => void): () => void;
/**
 * Calls `action` after `ms` in which this process could have heard the other side; the returned function cancels it.
 * A process that was held up, or whose machine slept, runs its timers before it reads the input that arrived
 * meanwhile: by the clock alone, all its peers would seem dead.
 */
export declare function afterListening(ms: number, action: () => void): () => void;
/** Aborts after `delayMs`; keeps no program from ending. */
export declare function abortAfter(delayMs: number): AbortSignal;
/** The timers of the machine. */
export declare const realTimers: TransportTimers;
export interface Pause {
    /** True if all of the time passed, false if the pause ended early. */
    readonly over: Promise<boolean>;
    readonly end: () => void;
}
/** Waits `delayMs`; ends early if `signal` aborts, and at once if it has aborted. */
export declare function startPause(timers: TransportTimers, delayMs: number, signal?: AbortSignal): Pause;
/** Settles after `delayMs`, or as soon as `signal` aborts. */
export declare function pause(timers: TransportTimers, delayMs: number, signal?: AbortSignal): Promise<void>;
