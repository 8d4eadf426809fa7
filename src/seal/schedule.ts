/** Who coordinates a seal, and when (S3). */
import { type ValidatorIndex, validatorIndex } from "../primitives/numbers.ts";
import type { SealTarget } from "./target.ts";

/** Rank 0 is validator h mod n, then the others in genesis order; the test message counts as height 0. */
export function coordinatorOf(target: SealTarget, rank: number, n: number): ValidatorIndex {
  return validatorIndex((placeOf(target) + rank) % n);
}

export function rankOf(target: SealTarget, validator: ValidatorIndex, n: number): number {
  return (((validator - placeOf(target)) % n) + n) % n;
}

/** When a coordinator of `rank` begins, counted from when the header became final here; milliseconds. */
export function startsAt(finalAt: number, rank: number, sealTimeoutMs: number): number {
  return finalAt + rank * sealTimeoutMs;
}

function placeOf(target: SealTarget): number {
  return target.kind === "test" ? 0 : target.height;
}
