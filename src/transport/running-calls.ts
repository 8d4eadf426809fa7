/**
 * The calls that a listener answers itself, while they are worked on. Each has a signal that aborts when its caller is gone, its
 * time is over or the listener closes; each of the three has one constant reason.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import type { HttpResponse } from "./http-adapter.ts";
import { startTimer } from "./timers.ts";

const GONE = new Error("the caller is gone");
const OVER_TIME = new ConnectError("the operation timed out", Code.DeadlineExceeded);

export interface CallTime {
  readonly signal: AbortSignal;
  /** Milliseconds that the caller still waits; undefined if it names no time. */
  readonly timeoutMs: () => number | undefined;
}

export class RunningCalls {
  readonly #closing: AbortSignal;
  /** Not listeners of the one signal, of which each call would walk through all others'. */
  readonly #ends = new Set<AbortController>();

  constructor(closing: AbortSignal) {
    this.#closing = closing;
    closing.addEventListener("abort", () => {
      for (const end of this.#ends) end.abort(closing.reason);
    });
  }

  /** Runs `act` for a caller that waits `timeLeftMs`, if it says so. */
  async run<T>(
    response: HttpResponse,
    timeLeftMs: number | undefined,
    act: (time: CallTime) => T | Promise<T>,
  ): Promise<T> {
    const end = new AbortController();
    const gone = () => end.abort(GONE);
    const late = () => end.abort(OVER_TIME);
    this.#ends.add(end);
    response.once("close", gone);
    const stop = timeLeftMs === undefined ? undefined : startTimer(timeLeftMs, late);
    if (this.#closing.aborted) end.abort(this.#closing.reason);
    else if (timeLeftMs === 0) late();
    const until = performance.now() + (timeLeftMs ?? 0);
    const timeoutMs = () => (timeLeftMs === undefined ? undefined : until - performance.now());
    try {
      return await act({ signal: end.signal, timeoutMs });
    } finally {
      this.#ends.delete(end);
      response.off("close", gone);
      stop?.();
    }
  }
}
