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

/**
 * One record is proof, and a second one shows that the fault was no accident. With more, one member could take the
 * room of others.
 */
export const EVIDENCE_PER_FAULT_MAX = 2;

/** Bounds the evidence that all faulty peers together can make a node keep. */
export const EVIDENCE_RECORDS_MAX = 1024;
assert(
  LIMITS.validatorsMax * FAULT_KINDS.length * EVIDENCE_PER_FAULT_MAX <= EVIDENCE_RECORDS_MAX,
  "every member's first faults find room",
);
