/** The end of a payment: what a receipt, or more than f nodes, say of it. */
import type { GenesisTimings } from "../ledger/genesis.ts";
import { cancelledDeadlines } from "../ledger/window.ts";
import type { OperationId, WalletId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { DeclineReason } from "../primitives/result.ts";
import type { Refusal } from "../transport/refusal.ts";
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
  | { readonly state: "never"; readonly proof: NeverProof };

export type NeverProof =
  /** Its cancellation, or another payment that was signed under its id, was ordered in its place (L28). */
  | { readonly kind: "receipt"; readonly receipt: VerifiedReceipt }
  /** No receipt proves it: it is the word of more than f nodes. */
  | { readonly kind: "void"; readonly nodes: readonly string[] };

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

export type SettledOutboxPayment = Exclude<OutboxPayment, OpenPayment>;

/**
 * The end of a payment by the receipt of what was ordered under its id. Undefined if that proves nothing of the payment: another
 * operation takes the id for payments whose deadline lies in a window (L28).
 */
export function endBy(
  timings: Pick<GenesisTimings, "graceMs">,
  payment: Transfer,
  { operation, result, header }: Pick<VerifiedReceipt, "operation" | "result" | "header">,
): "applied" | "declined" | "never" | undefined {
  if (isSamePayment(operation, payment)) return result.status;
  const isOfPayer = operation.kind === "transfer" || operation.kind === "cancellation";
  if (!isOfPayer || operation.from !== payment.from || operation.id !== payment.id)
    return undefined;
  const { validUntil } = operation;
  const { earliest, latest } = cancelledDeadlines(timings, { validUntil, time: header.time });
  const isCovered = earliest <= payment.validUntil && payment.validUntil <= latest;
  return isCovered ? "never" : undefined;
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
