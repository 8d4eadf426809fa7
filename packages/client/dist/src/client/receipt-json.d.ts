import type { Bytes } from "../primitives/bytes.ts";
import type { ReceiptProblem, Trust, VerifiedReceipt } from "./receipt-verifier.ts";
/**
 * Verifies the JSON of a receipt, or of an answer to WalletCreation, Transaction or GetReceipt with a receipt in it.
 * Every structured field, inside the receipt and beside it, must say what the proved bytes say.
 */
export declare function verifyReceiptJson(trust: Trust, text: Bytes): VerifiedReceipt | ReceiptProblem;
