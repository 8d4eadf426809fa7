/** The faults that evidence is kept of, and how much is kept. */
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

/** One record is proof, and a second shows that it was no accident; more would let one member fill the room of others. */
export const EVIDENCE_PER_FAULT_MAX = 2;

/** Bounds what faulty peers together can make a node keep. */
export const EVIDENCE_RECORDS_MAX = 1024;
assert(
  LIMITS.validatorsMax * FAULT_KINDS.length * EVIDENCE_PER_FAULT_MAX <= EVIDENCE_RECORDS_MAX,
  "every member's first faults find room",
);
