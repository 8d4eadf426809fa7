import { type CancelTransactionResponse, type GetReceiptResponse, type TransactionRequest, type TransactionResponse, type WalletCreationRequest, type WalletCreationResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type ReceiptProblem, type Trust, type VerifiedReceipt } from "./receipt-verifier.ts";
/** The answers that bring a receipt. */
export type Answer = WalletCreationResponse | TransactionResponse | CancelTransactionResponse | GetReceiptResponse;
/**
 * Verifies the receipt in `answer` and everything beside it. The caller has to check that it is about the request, by
 * `isAnswerTo` or otherwise: a gateway may answer with the receipt of another operation.
 */
export declare function verifyAnswer(trust: Trust, answer: Answer): VerifiedReceipt | ReceiptProblem;
/**
 * True if a verified receipt is about the signed order that was sent. Its deadline may differ: among requests under
 * one id that differ in nothing else, the first one counts.
 */
export declare function isAnswerTo(asked: TransactionRequest | WalletCreationRequest, { operation }: VerifiedReceipt): boolean;
