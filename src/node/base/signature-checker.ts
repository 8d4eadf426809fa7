/** Performs signature checks. The seam is asynchronous, so that a pool of threads can take this work over. */
import type { SignatureCheck } from "../../primitives/signature.ts";
import { verify } from "./crypto.ts";

export interface SignatureChecker {
  /** True if all of `checks` hold. */
  check(checks: readonly SignatureCheck[]): Promise<boolean>;
}

/** Checks in one go before others get a turn: about a millisecond. */
export const CHECKS_PER_TURN = 16;

/** Checks in the calling thread, 50 to 80 microseconds each. */
export const inlineChecker: SignatureChecker = {
  check: (checks) => Promise.resolve(checks.every(verify)),
};
