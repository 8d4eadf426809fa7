import { LIMITS } from "../primitives/limits.js";
import { receiptFromMessage } from "../transport/read-receipt.js";
import { Refusal } from "../transport/refusal.js";
import { readJsonText, refuseWrongField } from "../transport/strict-values.js";
import { RECEIPT } from "./receipt-table.js";
import { receiptProblem, verifyReceipt, } from "./receipt-verifier.js";
/** No answer of the API is larger. */
export const RECEIPT_JSON_BYTES_MAX = LIMITS.clientMessageBytesMax;
/** Verifies the JSON of a message `Receipt`: its structured fields must say what its bytes say. */
export function verifyReceiptText(trust, text) {
    const spelling = checkSpelling(text);
    if (spelling !== undefined)
        return spelling;
    const fields = refuseWrongField(() => RECEIPT.read(readJsonText(text), ""));
    return fields instanceof Refusal ? refusedField(fields) : verifyReceiptFields(trust, fields);
}
/** Verifies a receipt in a message, generated or not. */
export function verifyReceiptFields(trust, fields) {
    const receipt = receiptFromMessage(fields);
    return receipt instanceof Refusal ? refusedField(receipt) : verifyReceipt(trust, receipt);
}
/** A refusal's message begins with its field. */
export function refusedField({ field, message }) {
    const start = `${field}: `;
    return receiptProblem(field, message.startsWith(start) ? message.slice(start.length) : message);
}
/** Spellings that are a single bit away from another valid one; the common writers of JSON use none of them. */
export function checkSpelling(text) {
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
            return receiptProblem("", "has a \\u escape in upper-case hexadecimal digits; only lower case is read");
        }
    }
    return undefined;
}
