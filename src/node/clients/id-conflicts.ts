/** Says if what this node holds under an id settles the operation that a client asks for under it (L8, L28). */
import type { SignedOperation } from "../../primitives/operation.ts";
import type { Operation } from "../../primitives/operation-kinds.ts";
import { Refusal } from "../../transport/refusal.ts";
import { differences, fieldOfId, idInUse } from "./refusals.ts";

/** Undefined if the result of the ordered operation is the answer: it is the same order, or settles its cancellation. */
export function conflictWithOrdered(
  asked: Operation,
  ordered: SignedOperation,
): Refusal | undefined {
  if (asked.kind === "cancellation") return undefined;
  if (ordered.operation.kind === "cancellation") return cancelled(asked);
  return differences(asked, ordered.operation).length === 0 ? undefined : idInUse(asked, ordered);
}

/**
 * Undefined if the result of the pooled operation is to be waited for. A cancellation that is only pooled decides nothing yet:
 * other nodes may hold the payment.
 */
export function conflictWithPooled(asked: Operation, pooled: SignedOperation): Refusal | undefined {
  const isCancelled = pooled.operation.kind === "cancellation";
  return isCancelled && asked.kind === "transfer" ? undefined : conflictWithOrdered(asked, pooled);
}

function cancelled(asked: Operation): Refusal {
  return new Refusal("PAYMENT_CANCELLED", {
    message: `the payment ${asked.id} was cancelled by its owner`,
    field: fieldOfId(asked),
    metadata: { id: asked.id },
  });
}
