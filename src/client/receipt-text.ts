/**
 * Verifies the JSON of one receipt with nothing but the genesis, and without the code of Protobuf: small enough for a web page. Flipping
 * any one bit of a verified text makes verification fail. Hashes and signatures bind what the text says, so only a
 * change of spelling could go unnoticed. Strict reading leaves each value one spelling of a given length, except in
 * two places: the letters of a \uXXXX escape, and tabs and carriage returns (one bit apart). `checkSpelling` closes
 * these two.
 */
import type { Bytes } from "../primitives/bytes.ts";
import { isRecord, type Json } from "../primitives/json.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Receipt } from "../primitives/receipt.ts";
import { type ReceiptFields, receiptFromMessage } from "../transport/read-receipt.ts";
import { Refusal } from "../transport/refusal.ts";
import { readJsonText, refuseWrongField } from "../transport/strict-values.ts";
import { RECEIPT } from "./receipt-table.ts";
import {
  type ReceiptProblem,
  receiptProblem,
  type Trust,
  type VerifiedReceipt,
  verifyReceipt,
} from "./receipt-verifier.ts";

/** No answer of the API is larger. */
export const RECEIPT_JSON_BYTES_MAX = LIMITS.clientMessageBytesMax;

/** Verifies the JSON of a message `Receipt`: its structured fields must say what its bytes say. */
export function verifyReceiptText(trust: Trust, text: Bytes): VerifiedReceipt | ReceiptProblem {
  const spelling = checkSpelling(text);
  if (spelling !== undefined) return spelling;
  const fields = refuseWrongField(() => RECEIPT.read(readJsonText(text), ""));
  return fields instanceof Refusal ? refusedField(fields) : verifyReceiptFields(trust, fields);
}

/**
 * The receipt in a file of the API: a message `Receipt`, or an answer with one in its field `receipt`, whose other fields are not looked at
 * (verifyReceiptJson of receipt-json.ts judges these too).
 */
export function readReceiptFile(text: Bytes): Receipt | ReceiptProblem {
  const spelling = checkSpelling(text);
  if (spelling !== undefined) return spelling;
  const fields = readReceiptFields(text);
  const receipt = fields instanceof Refusal ? fields : receiptFromMessage(fields);
  return receipt instanceof Refusal ? refusedField(receipt) : receipt;
}

/** The fields of the receipt in such a file, each in its form; it is not checked that the text is spelled as protobuf does. */
export function readReceiptFields(text: Bytes): ReceiptFields | Refusal {
  return refuseWrongField(() => RECEIPT.read(receiptIn(readJsonText(text)), ""));
}

function receiptIn(value: Json): Json {
  return isRecord(value) && Object.hasOwn(value, "receipt") ? (value["receipt"] ?? null) : value;
}

/** Verifies a receipt in a message, generated or not. */
export function verifyReceiptFields(
  trust: Trust,
  fields: ReceiptFields,
): VerifiedReceipt | ReceiptProblem {
  const receipt = receiptFromMessage(fields);
  return receipt instanceof Refusal ? refusedField(receipt) : verifyReceipt(trust, receipt);
}

/** A refusal's message begins with its field. */
export function refusedField({ field, message }: Refusal): ReceiptProblem {
  const start = `${field}: `;
  return receiptProblem(field, message.startsWith(start) ? message.slice(start.length) : message);
}

/** Spellings that are a single bit away from another valid one; the common writers of JSON use none of them. */
export function checkSpelling(text: Bytes): ReceiptProblem | undefined {
  if (text.length > RECEIPT_JSON_BYTES_MAX) {
    return receiptProblem("", `has more than ${RECEIPT_JSON_BYTES_MAX} bytes`);
  }
  // One character for each byte, valid UTF-8 or not.
  const latin = new TextDecoder("latin1").decode(text);
  if (/\r(?!\n)|\t\n/.test(latin)) {
    return receiptProblem("", "has a carriage return that ends no line, or a tab that ends one");
  }
  for (const [, digits] of latin.matchAll(/\\(?:u([0-9a-fA-F]{4})|[^u])/g)) {
    if (digits !== undefined && /[A-F]/.test(digits)) {
      return receiptProblem(
        "",
        "has a \\u escape in upper-case hexadecimal digits; only lower case is read",
      );
    }
  }
  return undefined;
}
