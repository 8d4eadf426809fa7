/**
 * Refusals when an operation has left and no result can be shown: the client has to repeat the operation under its id,
 * and never order another in its place.
 */
import type { Operation } from "../../primitives/operation-kinds.ts";
import { Refusal } from "../../transport/refusal.ts";
import { fieldOfId } from "./refusals.ts";

/** The wait is over, or nothing final says yet that an operation which left before is never to be ordered. */
export function outcomeUnknown(operation: Operation): Refusal {
  return new Refusal("OUTCOME_UNKNOWN", {
    message: "the wait ended before the operation was ordered; it may still be",
    field: fieldOfId(operation),
    metadata: { id: operation.id },
  });
}

/** A final block is past the deadline of an operation that this gateway signed, and none holds it. */
export function neverApplied(operation: Operation): Refusal {
  const field = fieldOfId(operation);
  return new Refusal("WINDOW_PAST", {
    message: `the operation ${operation.id} was not ordered by its deadline, and will never be applied`,
    field,
    remedy: "This order is void: give it again under a new id.",
    metadata: { id: operation.id },
  });
}

/** Final, but its receipt cannot be given now. An id that the gateway chose is not in the client's repetition. */
export function notShown(operation: Operation, why: Refusal, hasOwnId: boolean): Refusal {
  const { message, metadata, remedy } = why;
  const { id } = operation;
  const told = { message, field: fieldOfId(operation), metadata: { ...metadata, id } };
  if (!hasOwnId) return new Refusal("OUTCOME_UNKNOWN", told);
  return new Refusal(why.reason, remedy === undefined ? told : { ...told, remedy });
}
