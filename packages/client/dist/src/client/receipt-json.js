/** A receipt in the JSON of the API, alone or in the answer it came with: every part of the text is proved. */
import { GetReceiptResponseSchema, WalletCreationResponseSchema, } from "../../gen/countersign/v1/ledger_service_pb.js";
import { isRecord, JsonProblem, readJson } from "../primitives/json.js";
import { Refusal } from "../transport/refusal.js";
import { readStrictJson } from "../transport/strict-json.js";
import { verifyAnswer } from "./receipt-answer.js";
import { checkSpelling, refusedField, verifyReceiptText } from "./receipt-text.js";
/**
 * Verifies the JSON of a receipt, or of an answer to WalletCreation, Transaction or GetReceipt with a receipt in it.
 * Every structured field, inside the receipt and beside it, must say what the proved bytes say.
 */
export function verifyReceiptJson(trust, text) {
    const spelling = checkSpelling(text);
    if (spelling !== undefined)
        return spelling;
    const names = namesOf(text);
    if (!names.has("receipt"))
        return verifyReceiptText(trust, text);
    // Only an answer to WalletCreation shows a wallet; an answer to GetReceipt has every field of the others.
    const schema = names.has("wallet") ? WalletCreationResponseSchema : GetReceiptResponseSchema;
    const answer = readStrictJson(schema, text);
    return answer instanceof Refusal ? refusedField(answer) : verifyAnswer(trust, answer);
}
/** The names at the top of a text; the strict reader decides if the text is JSON at all. */
function namesOf(text) {
    const value = readJson(new TextDecoder().decode(text));
    return new Set(!(value instanceof JsonProblem) && isRecord(value) ? Object.keys(value) : []);
}
