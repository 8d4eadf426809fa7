import { type SubmitTransactionsResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import { Refusal } from "../transport/refusal.ts";
import { type Trust, type VerifiedReceipt } from "./receipt-verifier.ts";
/** The outcome of one transfer: a result that its receipt proves, or the word of one node that it was not ordered. */
export type SubmittedOutcome = {
    readonly kind: "result";
    readonly number: number;
    readonly receipt: VerifiedReceipt;
} | {
    readonly kind: "refused";
    readonly number: number;
    readonly refusal: Refusal;
};
/** A node's outcome does not prove itself, or is of no transfer that was sent. */
export declare class SubmitFault extends Error {
    readonly name = "SubmitFault";
}
/** Throws SubmitFault. `waiting` gives the transfer that was sent under a number and has no outcome yet. */
export declare function readOutcomes(trust: Trust, { results, proof: message, refusals }: SubmitTransactionsResponse, waiting: (number: number) => Transfer | undefined): SubmittedOutcome[];
