/** Reads the outcomes that a stream of transfers brings. Every result is checked: a node may lie. */
import { equals } from "@bufbuild/protobuf";
import {
  type BlockProof,
  BlockProofSchema,
  type SubmitTransactionsResponse,
  type SubmittedRefusal,
  type SubmittedResult,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultSchema } from "../../gen/countersign/v1/types_pb.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import { resultToMessage } from "../transport/convert-ledger.ts";
import { proofToMessage } from "../transport/convert-receipt.ts";
import { refusalOfDetail } from "../transport/errors.ts";
import { proofFromMessage } from "../transport/read-receipt.ts";
import { Refusal } from "../transport/refusal.ts";
import {
  type ReceiptProblem,
  type Trust,
  type VerifiedProof,
  type VerifiedReceipt,
  verifyProof,
  verifyUnder,
} from "./receipt-verifier.ts";
import { isSamePayment } from "./settlement.ts";

/** The outcome of one transfer: a result that its receipt proves, or the word of one node that it was not ordered. */
export type SubmittedOutcome =
  | { readonly kind: "result"; readonly number: number; readonly receipt: VerifiedReceipt }
  | { readonly kind: "refused"; readonly number: number; readonly refusal: Refusal };

/** A node's outcome does not prove itself, or is of no transfer that was sent. */
export class SubmitFault extends Error {
  override readonly name = "SubmitFault";
}

/** Throws SubmitFault. `waiting` gives the transfer that was sent under a number and has no outcome yet. */
export function readOutcomes(
  trust: Trust,
  { results, proof: message, refusals }: SubmitTransactionsResponse,
  waiting: (number: number) => Transfer | undefined,
): SubmittedOutcome[] {
  const told = new Set<number>();
  const sent = (number: number): Transfer => {
    const transfer = told.has(number) ? undefined : waiting(number);
    if (transfer === undefined) {
      throw new SubmitFault(`an outcome came for ${number}, and no such transfer waits for one`);
    }
    told.add(number);
    return transfer;
  };
  const outcomes: SubmittedOutcome[] = refusals.map((refusal) => readRefused(refusal, sent));
  if (results.length === 0) return outcomes;
  const proof = readProof(trust, message);
  for (const result of results) {
    const { number } = result;
    const asked = sent(number);
    const receipt = readResult(trust, proof, result);
    if (!isSamePayment(receipt.operation, asked)) {
      throw new SubmitFault(`the result of transfer ${number} is of another operation`);
    }
    outcomes.push({ kind: "result", number, receipt });
  }
  return outcomes;
}

function readRefused(
  { number, message, detail }: SubmittedRefusal,
  sent: (number: number) => Transfer,
): SubmittedOutcome {
  sent(number);
  const refusal = detail === undefined ? undefined : refusalOfDetail(detail, message);
  if (refusal === undefined)
    throw new SubmitFault(`the refusal of transfer ${number} has no reason`);
  return { kind: "refused", number, refusal };
}

function readProof(trust: Trust, message: BlockProof | undefined): VerifiedProof {
  if (message === undefined) throw new SubmitFault("results came without a proof");
  const proof = proofFromMessage(message);
  if (proof instanceof Refusal) throw new SubmitFault(`the proof is unreadable: ${proof.message}`);
  const verified = proven(verifyProof(trust, proof));
  if (!equals(BlockProofSchema, proofToMessage(proof), message)) {
    throw new SubmitFault("the proof has fields that are not what its bytes say");
  }
  return verified;
}

function readResult(
  trust: Trust,
  proof: VerifiedProof,
  { leaf, index, path, result }: SubmittedResult,
): VerifiedReceipt {
  const receipt = proven(verifyUnder(trust, proof, { leaf, index, path }));
  const isTold =
    result !== undefined && equals(ResultSchema, result, resultToMessage(receipt.result));
  if (!isTold) throw new SubmitFault("a result is not what its leaf says");
  return receipt;
}

function proven<T extends { readonly valid: true }>(verdict: T | ReceiptProblem): T {
  if (verdict.valid) return verdict;
  throw new SubmitFault(`a result does not prove itself: ${verdict.field} ${verdict.problem}`);
}
