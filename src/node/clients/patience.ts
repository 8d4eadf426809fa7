/** How long a call may wait: not for ever, and not so long that its answer would come too late to be heard. */
import type { Call } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";

/** For callers that name no deadline, or a distant one. */
const WAIT_MS_MAX = 30_000;
/** What an answer needs on its way back, at most a fifth of the caller's time. */
const ANSWER_MS = 200;

/** Runs `act` with a signal that aborts when waiting should end; and when `act` is over, so that nothing waits on. */
export async function withPatience<T>(
  system: System,
  call: Call,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const abort = () => end.abort();
  const cancel = system.after(patienceMs(call), abort);
  call.signal.addEventListener("abort", abort, { once: true });
  if (call.signal.aborted) abort();
  try {
    return await act(end.signal);
  } finally {
    cancel();
    call.signal.removeEventListener("abort", abort);
    abort();
  }
}

function patienceMs({ timeLeftMs }: Call): number {
  if (timeLeftMs === undefined) return WAIT_MS_MAX;
  return Math.min(WAIT_MS_MAX, timeLeftMs - Math.min(ANSWER_MS, timeLeftMs / 5));
}
