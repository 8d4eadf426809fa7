/** Waits with a time limit, on the node's own clock. */
import type { System } from "./system.ts";

/** The reason of every end: without one, each would make an error with a stack, which costs more than the wait. */
const OVER = new Error("the wait is over");

/**
 * Runs `act` with a signal that aborts after `limitMs`, with `outer`, or when `act` is over, so that no wait outlives
 * it.
 */
export async function withTimeLimit<T>(
  system: Pick<System, "after">,
  limitMs: number,
  act: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const end = new AbortController();
  const abort = () => end.abort(OVER);
  const cancel = system.after(limitMs, abort);
  outer?.addEventListener("abort", abort, { once: true });
  if (outer?.aborted === true) abort();
  try {
    return await act(end.signal);
  } finally {
    cancel();
    outer?.removeEventListener("abort", abort);
    abort();
  }
}
