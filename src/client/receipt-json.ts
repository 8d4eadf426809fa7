/**
 * A receipt in the JSON of the API, alone or in the answer it came with: every part of the text is proved.  Flipping
 * any one bit of a verified text makes verification fail. Hashes and signatures bind what the text says, so only a
 * change of spelling could go unnoticed. Strict reading leaves each value one spelling of a given length, except in
 * two places: the letters of a \uXXXX escape, and tabs and carriage returns (one bit apart). `findLooseSpelling`
 * closes these two.
 */
import {
  GetReceiptResponseSchema,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { isRecord, JsonProblem, readJson } from "../primitives/json.ts";
import { LIMITS } from "../primitives/limits.ts";
import { Refusal } from "../transport/refusal.ts";
import { readStrictJson } from "../transport/strict-json.ts";
import { refusedField, verifyAnswer, verifyReceiptMessage } from "./receipt-answer.ts";
import {
  type ReceiptProblem,
  receiptProblem,
  type Trust,
  type VerifiedReceipt,
} from "./receipt-verifier.ts";

/** No answer of the API is larger. */
export const RECEIPT_JSON_BYTES_MAX = LIMITS.clientMessageBytesMax;

/**
 * Verifies the JSON of a receipt, or of an answer to WalletCreation, Transaction or GetReceipt with a receipt in it.
 * Every structured field, inside the receipt and beside it, must say what the proved bytes say.
 */
export function verifyReceiptJson(trust: Trust, text: Bytes): VerifiedReceipt | ReceiptProblem {
  if (text.length > RECEIPT_JSON_BYTES_MAX) {
    return receiptProblem("", `has more than ${RECEIPT_JSON_BYTES_MAX} bytes`);
  }
  const loose = findLooseSpelling(text);
  if (loose !== undefined) return receiptProblem("", loose);
  const names = namesOf(text);
  if (!names.has("receipt")) {
    const receipt = readStrictJson(ReceiptSchema, text);
    return receipt instanceof Refusal
      ? refusedField(receipt)
      : verifyReceiptMessage(trust, receipt);
  }
  // Only an answer to WalletCreation shows a wallet; an answer to GetReceipt has every field of the others.
  const schema = names.has("wallet") ? WalletCreationResponseSchema : GetReceiptResponseSchema;
  const answer = readStrictJson(schema, text);
  return answer instanceof Refusal ? refusedField(answer) : verifyAnswer(trust, answer);
}

/** The names at the top of a text; the strict reader decides if the text is JSON at all. */
function namesOf(text: Bytes): ReadonlySet<string> {
  const value = readJson(new TextDecoder().decode(text));
  return new Set(!(value instanceof JsonProblem) && isRecord(value) ? Object.keys(value) : []);
}

/** Spellings that are a single bit away from another valid one; the common writers of JSON use none of them. */
function findLooseSpelling(text: Bytes): string | undefined {
  const latin = Buffer.from(text.buffer, text.byteOffset, text.length).toString("latin1");
  if (/\r(?!\n)|\t\n/.test(latin)) {
    return "has a carriage return that ends no line, or a tab that ends one";
  }
  for (const [, digits] of latin.matchAll(/\\(?:u([0-9a-fA-F]{4})|[^u])/g)) {
    if (digits !== undefined && /[A-F]/.test(digits)) {
      return "has a \\u escape in upper-case hexadecimal digits; only lower case is read";
    }
  }
  return undefined;
}
