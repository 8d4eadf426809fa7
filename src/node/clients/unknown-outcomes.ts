/**
 * Refusals for an operation that has left and whose result cannot be shown: the client must repeat it under its id,
 * and never order another one in its place.
 */
import type { Operation } from "../../primitives/operation-kinds.ts";
import { Refusal } from "../../transport/refusal.ts";
import { fieldOfId } from "./refusals.ts";

/** The wait is over, or no final block shows yet that the operation can never be ordered. */
export function outcomeUnknown(operation: Operation): Refusal {
  return new Refusal("OUTCOME_UNKNOWN", {
    message: "the wait ended before the operation was ordered; it may still be ordered",
    field: fieldOfId(operation),
    metadata: { id: operation.id },
  });
}

/** A final block is past the deadline of an operation that this gateway signed, and no block holds it. */
export function neverApplied(operation: Operation): Refusal {
  const field = fieldOfId(operation);
  return new Refusal("WINDOW_PAST", {
    message: `the operation ${operation.id} was not ordered by its deadline, and will never be applied`,
    field,
    remedy: "This order is void: give it again under a new id.",
    metadata: { id: operation.id },
  });
}

/**
 * The result is final, but its receipt cannot be given now. If the gateway chose the id, the client's repetition
 * lacks it.
 */
export function notShown(operation: Operation, why: Refusal, hasOwnId: boolean): Refusal {
  const { message, metadata, remedy } = why;
  const { id } = operation;
  const told = { message, field: fieldOfId(operation), metadata: { ...metadata, id } };
  if (!hasOwnId) return new Refusal("OUTCOME_UNKNOWN", told);
  return new Refusal(why.reason, remedy === undefined ? told : { ...told, remedy });
}
