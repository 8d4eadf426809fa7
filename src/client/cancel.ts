/**
 * Cancels a payment whose outcome its owner does not know, and so ends the doubt: the payment was made, was declined, or is
 * never made, each by a verified receipt (L28).
 */
import type { CallOptions } from "@connectrpc/connect";
import type { CancelTransactionRequest } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import type { GenesisTimings } from "../ledger/genesis.ts";
import { cancelledDeadlines, type Deadlines } from "../ledger/window.ts";
import type { OperationId, WalletId } from "../primitives/ids.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import { type Answer, verifyAnswer } from "./receipt-answer.ts";
import {
  type ReceiptProblem,
  receiptProblem,
  type Trust,
  type VerifiedReceipt,
} from "./receipt-verifier.ts";
import type { Wallet } from "./wallet.ts";

/** The facts that a verified receipt proves of the payments under an id. */
export type ProvenOutcome =
  /** A payment was ordered, and the receipt is its own. */
  | { readonly outcome: "applied" | "declined"; readonly receipt: VerifiedReceipt }
  /** A cancellation was: no payment with one of these deadlines was ordered, and none will be. */
  | { readonly outcome: "never"; readonly receipt: VerifiedReceipt; readonly covers: Deadlines };

export type PaymentOutcome =
  | ProvenOutcome
  /**
   * The cancellation says nothing of this payment: it was ordered when the payment could no longer be, or has an earlier
   * deadline.
   */
  | { readonly outcome: "unproven"; readonly receipt: VerifiedReceipt; readonly covers: Deadlines };

export interface CancelledPayment {
  readonly id: OperationId;
  /** The deadline that the payment was signed with; absent if it is not known, and then `covers` says what is proved. */
  readonly validUntil?: number | undefined;
}

/** Of the genesis. */
export interface NetworkRules {
  readonly trust: Trust;
  readonly timings: Pick<GenesisTimings, "graceMs" | "lifetimeMsMax" | "clockSkewMs">;
}

/** A node answered with something that is no proof; ask another one. */
export class CancelFault extends Error {
  override readonly name = "CancelFault";
}

export interface CancelTerms extends NetworkRules {
  /** Of the payer. */
  readonly wallet: Wallet;
  readonly payment: CancelledPayment;
  /** Milliseconds since the epoch: the present. */
  readonly now: number;
}

/**
 * Orders the cancellation through one node. A refusal of the node is thrown as for any call (ledger-client.ts): nothing is
 * decided then, and the same call is safe to repeat through any node, and so after a lost answer.
 */
export async function cancel(
  calls: Pick<GatewayClient["calls"], "cancelTransaction">,
  terms: CancelTerms,
  options?: CallOptions,
): Promise<PaymentOutcome> {
  const request = cancellationOf(terms);
  const answer = await calls.cancelTransaction({ ...request, wait: Wait.SEALED }, options);
  const outcome = outcomeOf(terms, { from: terms.wallet.id, ...terms.payment }, answer);
  if (!("valid" in outcome)) return outcome;
  throw new CancelFault(
    `the node's answer does not prove itself: ${outcome.field} ${outcome.problem}`,
  );
}

/**
 * The signed cancellation. Its deadline is as late as nodes with other clocks take it, and not before the payment's: so it
 * covers every payment that the wallet can have signed by now.
 */
export function cancellationOf({
  wallet,
  payment: { id, validUntil = 0 },
  timings: { lifetimeMsMax, clockSkewMs },
  now,
}: Omit<CancelTerms, "trust">): CancelTransactionRequest {
  const latest = now + lifetimeMsMax - 2 * clockSkewMs;
  return wallet.cancellation({ id, validUntil: Math.max(validUntil, latest) });
}

/** The outcome that the answer of a node proves, to CancelTransaction or to GetReceipt. */
export function outcomeOf(
  {
    trust,
    timings,
  }: Pick<NetworkRules, "trust"> & {
    readonly timings: Pick<GenesisTimings, "graceMs">;
  },
  { from, id, validUntil }: CancelledPayment & { readonly from: WalletId },
  answer: Answer,
): PaymentOutcome | ReceiptProblem {
  const receipt = verifyAnswer(trust, answer);
  if (!receipt.valid) return receipt;
  const { operation, result, header } = receipt;
  const isOfPayer = operation.kind === "transfer" || operation.kind === "cancellation";
  if (!isOfPayer || operation.from !== from || operation.id !== id) {
    return receiptProblem("receipt", "is of another operation");
  }
  if (operation.kind === "transfer") return { outcome: result.status, receipt };
  const covers = cancelledDeadlines(timings, {
    validUntil: operation.validUntil,
    time: header.time,
  });
  const isCovered =
    validUntil === undefined || (covers.earliest <= validUntil && validUntil <= covers.latest);
  return { outcome: isCovered ? "never" : "unproven", receipt, covers };
}
