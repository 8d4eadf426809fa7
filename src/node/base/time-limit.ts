/** Waiting that ends after a while, on the clock that the node was given. */
import type { System } from "./system.ts";

/** Runs `act` with a signal that aborts after `limitMs`, with `outer`, or when `act` is over, so that nothing waits on. */
export async function withTimeLimit<T>(
  system: Pick<System, "after">,
  limitMs: number,
  act: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const end = new AbortController();
  const abort = () => end.abort();
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
