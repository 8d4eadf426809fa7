/** The question for a receipt, and whether an operation is what was asked for. */
import type { Operation } from "../primitives/operation-kinds.ts";
import { receiptQueryOf } from "../transport/ordered-operation.ts";
import type { Trust } from "./receipt-verifier.ts";

/** A payment by its payer and id, or the creation of a wallet. */
export type ReceiptOf =
  | { readonly from: string; readonly id: string }
  | { readonly walletId: string };

export function isReceiptOf(
  trust: Pick<Trust, "hash" | "networkId">,
  of: ReceiptOf,
  operation: Operation,
): boolean {
  const query = receiptQueryOf(trust, operation);
  if (query === undefined) return false;
  if (query.kind === "creation") return "walletId" in of && of.walletId === query.walletId;
  return "from" in of && of.from === query.from && of.id === query.id;
}
