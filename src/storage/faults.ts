/** The kinds of fault for which evidence is kept, and the amount that is kept. */
import { assert } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";

/** A fault of a member, by its kind. */
export interface Fault {
  readonly member: ValidatorIndex;
  readonly kind: FaultKind;
}

/** Only append: the place in this list is stored. */
export const FAULT_KINDS = [
  "conflictingNotarize",
  "conflictingFinalize",
  "nullifyFinalize",
  "differingResult",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

assert(
  LIMITS.validatorsMax * FAULT_KINDS.length * LIMITS.evidencePerFaultMax <=
    LIMITS.evidenceRecordsMax,
  "every member's first faults find room",
);
