/** How long a call may wait: not for ever, and not so long that its answer would come too late to be heard. */
import type { Call } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";

/** For callers that name no deadline, or a distant one. */
const WAIT_MS_MAX = 30_000;
/** What an answer needs on its way back, at most a fifth of the caller's time. */
const ANSWER_MS = 200;

/** Runs `act` with a signal that aborts when waiting should end; and when `act` is over, so that nothing waits on. */
export function withPatience<T>(
  system: Pick<System, "after">,
  call: Call,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withTimeLimit(system, patienceMs(call), act, call.signal);
}

function patienceMs({ timeLeftMs }: Call): number {
  if (timeLeftMs === undefined) return WAIT_MS_MAX;
  return Math.min(WAIT_MS_MAX, timeLeftMs - Math.min(ANSWER_MS, timeLeftMs / 5));
}
