/** Performs signature checks. The seam is asynchronous, so that a pool of threads can take this work over. */
import type { SignatureCheck } from "../../primitives/signature.ts";
import { verify } from "./crypto.ts";

export interface SignatureChecker {
  /** True if all of `checks` hold. */
  check(checks: readonly SignatureCheck[]): Promise<boolean>;
}

/** Number of checks before other work gets a turn: about a millisecond. */
export const CHECKS_PER_TURN = 16;

/** Checks signatures in the calling thread, 50 to 80 microseconds each. */
export const inlineChecker: SignatureChecker = {
  check: (checks) => Promise.resolve(checks.every(verify)),
};
