/**
 * Verifies the JSON of one receipt with nothing but the genesis, and without the code of Protobuf: small enough for a web page. Flipping
 * any one bit of a verified text makes verification fail. Hashes and signatures bind what the text says, so only a
 * change of spelling could go unnoticed. Strict reading leaves each value one spelling of a given length, except in
 * two places: the letters of a \uXXXX escape, and tabs and carriage returns (one bit apart). `checkSpelling` closes
 * these two.
 */
import type { Bytes } from "../primitives/bytes.ts";
import { type ReceiptFields } from "../transport/read-receipt.ts";
import { Refusal } from "../transport/refusal.ts";
import { type ReceiptProblem, type Trust, type VerifiedReceipt } from "./receipt-verifier.ts";
/** No answer of the API is larger. */
export declare const RECEIPT_JSON_BYTES_MAX: number;
/** Verifies the JSON of a message `Receipt`: its structured fields must say what its bytes say. */
export declare function verifyReceiptText(trust: Trust, text: Bytes): VerifiedReceipt | ReceiptProblem;
/** Verifies a receipt in a message, generated or not. */
export declare function verifyReceiptFields(trust: Trust, fields: ReceiptFields): VerifiedReceipt | ReceiptProblem;
/** A refusal's message begins with its field. */
export declare function refusedField({ field, message }: Refusal): ReceiptProblem;
/** Spellings that are a single bit away from another valid one; the common writers of JSON use none of them. */
export declare function checkSpelling(text: Bytes): ReceiptProblem | undefined;
