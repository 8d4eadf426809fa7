/** The deadline of a call: its waits end early enough for the answer to reach the caller in time. */
import { LIMITS } from "../../primitives/limits.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";

/** The time reserved for the answer's way back: a tenth of the caller's time, within these bounds, and at most a fifth of it. */
const ANSWER_MS = { min: 200, max: 2_000 };

/**
 * Runs `act` with a signal that aborts when its waits should end, and also when `act` is over, so that no wait is
 * left behind.
 */
export function withCallDeadline<T>(
  system: Pick<System, "after">,
  call: Pick<CallContext, "signal" | "timeLeftMs">,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withTimeLimit(system, waitMsMax(call), act, call.signal);
}

function waitMsMax({ timeLeftMs }: Pick<CallContext, "timeLeftMs">): number {
  if (timeLeftMs === undefined) return LIMITS.clientWaitMsMax;
  const answerMs = Math.min(Math.max(timeLeftMs / 10, ANSWER_MS.min), ANSWER_MS.max);
  return Math.min(LIMITS.clientWaitMsMax, timeLeftMs - Math.min(answerMs, timeLeftMs / 5));
}
