/** Who coordinates a seal, when, and which heights are sealed at all (DESIGN 3.6). */
import { LIMITS } from "../primitives/limits.ts";
import {
  type Epoch,
  type Height,
  height,
  type ValidatorIndex,
  validatorIndex,
} from "../primitives/numbers.ts";
import { coverOf, type SealLookups, type SealTarget } from "./target.ts";

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

/**
 * What wants a seal here, in order: the test message alone while it has none, then unsealed multiples of 64 up to the
 * tip, then the tip itself. `sealedThrough` is the highest multiple up to which every multiple is sealed (0 if none),
 * those from before the key included.
 */
export function targetsToSeal(place: {
  readonly epoch: Epoch;
  readonly tip: Height;
  readonly sealedThrough: Height;
  readonly seal: SealLookups["seal"];
}): SealTarget[] {
  const { epoch, tip, sealedThrough, seal } = place;
  const test: SealTarget = { kind: "test", epoch };
  if (seal(test) === undefined) return [test];
  const heights: number[] = [];
  for (let h = coverOf(sealedThrough + 1); h < tip; h += LIMITS.sealInterval) heights.push(h);
  if (tip > 0) heights.push(tip);
  return heights
    .map((h): SealTarget => ({ kind: "header", epoch, height: height(h) }))
    .filter((target) => seal(target) === undefined);
}

function placeOf(target: SealTarget): number {
  return target.kind === "test" ? 0 : target.height;
}
