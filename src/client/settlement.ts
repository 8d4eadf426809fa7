/** The end of a payment: what a receipt, or more than f nodes, say of it. */
import type { OperationId, WalletId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { DeclineReason, ResultLeaf } from "../primitives/result.ts";
import type { Refusal } from "../transport/refusal.ts";
import type { VoidProof } from "./outbox-records.ts";
import type { VerifiedReceipt } from "./receipt-verifier.ts";

export type Settlement =
  | { readonly state: "applied"; readonly receipt: VerifiedReceipt }
  /** Ordered, and nothing was paid. */
  | {
      readonly state: "declined";
      readonly reason: DeclineReason;
      readonly receipt: VerifiedReceipt;
    }
  /** Never ordered, and it cannot be any more. */
  | { readonly state: "never"; readonly proof: VoidProof };

/** Its outcome is not known yet: it may be ordered until its deadline is past. */
export interface OpenPayment {
  readonly state: "open";
  /** The last word of a gateway that did not order it; another one may. */
  readonly refusal?: Refusal | undefined;
}

/** A payment of an outbox, at the moment when it was asked for. */
export type OutboxPayment = {
  readonly id: OperationId;
  readonly to: WalletId;
  readonly asset: string;
  /** Minor units. */
  readonly amount: bigint;
  readonly reference: string | undefined;
  /** The last block time at which it may be applied, milliseconds since the epoch. */
  readonly validUntil: number;
} & (OpenPayment | Settlement);

export type SettledPayment = Exclude<OutboxPayment, OpenPayment>;

/** The end of a payment by a result: undefined if it is that of another operation under its id. */
export function endOf(
  payment: Transfer,
  { operation, result }: Pick<ResultLeaf, "operation" | "result">,
): "applied" | "declined" | undefined {
  return isSamePayment(operation, payment) ? result.status : undefined;
}

/** The deadline may be another: among transfers that differ in nothing else, the first one counts. */
export function isSamePayment(ordered: Operation, asked: Transfer): boolean {
  return (
    ordered.kind === "transfer" &&
    ordered.id === asked.id &&
    ordered.from === asked.from &&
    ordered.to === asked.to &&
    ordered.asset === asked.asset &&
    ordered.amount === asked.amount &&
    ordered.reference === asked.reference
  );
}
