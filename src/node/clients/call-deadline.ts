/** The deadline of a call: its waits end early enough for the answer to reach the caller in time. */
import { LIMITS } from "../../primitives/limits.ts";
import type { CallContext } from "../../transport/ledger-api.ts";
import type { System } from "../base/system.ts";
import { withTimeLimit } from "../base/time-limit.ts";

/** Time reserved for the answer's way back, at most a fifth of the caller's time. */
const ANSWER_MS = 200;

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
  return Math.min(LIMITS.clientWaitMsMax, timeLeftMs - Math.min(ANSWER_MS, timeLeftMs / 5));
}
