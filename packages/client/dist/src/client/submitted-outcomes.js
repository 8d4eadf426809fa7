/** Reads the outcomes that a stream of transfers brings. Every result is checked: a node may lie. */
import { equals } from "@bufbuild/protobuf";
import { BlockProofSchema, } from "../../gen/countersign/v1/ledger_service_pb.js";
import { ResultSchema } from "../../gen/countersign/v1/types_pb.js";
import { resultToMessage } from "../transport/convert-ledger.js";
import { proofToMessage } from "../transport/convert-receipt.js";
import { refusalOfDetail } from "../transport/errors.js";
import { proofFromMessage } from "../transport/read-receipt.js";
import { Refusal } from "../transport/refusal.js";
import { verifyProof, verifyUnder, } from "./receipt-verifier.js";
/** A node's outcome does not prove itself, or is of no transfer that was sent. */
export class SubmitFault extends Error {
    name = "SubmitFault";
}
/** Throws SubmitFault. `waiting` gives the transfer that was sent under a number and has no outcome yet. */
export function readOutcomes(trust, { results, proof: message, refusals }, waiting) {
    const told = new Set();
    const sent = (number) => {
        const transfer = told.has(number) ? undefined : waiting(number);
        if (transfer === undefined) {
            throw new SubmitFault(`an outcome came for ${number}, and no such transfer waits for one`);
        }
        told.add(number);
        return transfer;
    };
    const outcomes = refusals.map((refusal) => readRefused(refusal, sent));
    if (results.length === 0)
        return outcomes;
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
function readRefused({ number, message, detail }, sent) {
    sent(number);
    const refusal = detail === undefined ? undefined : refusalOfDetail(detail, message);
    if (refusal === undefined)
        throw new SubmitFault(`the refusal of transfer ${number} has no reason`);
    return { kind: "refused", number, refusal };
}
function readProof(trust, message) {
    if (message === undefined)
        throw new SubmitFault("results came without a proof");
    const proof = proofFromMessage(message);
    if (proof instanceof Refusal)
        throw new SubmitFault(`the proof is unreadable: ${proof.message}`);
    const verified = proven(verifyProof(trust, proof));
    if (!equals(BlockProofSchema, proofToMessage(proof), message)) {
        throw new SubmitFault("the proof has fields that are not what its bytes say");
    }
    return verified;
}
function readResult(trust, proof, { leaf, index, path, result }) {
    const receipt = proven(verifyUnder(trust, proof, { leaf, index, path }));
    const isTold = result !== undefined && equals(ResultSchema, result, resultToMessage(receipt.result));
    if (!isTold)
        throw new SubmitFault("a result is not what its leaf says");
    return receipt;
}
function proven(verdict) {
    if (verdict.valid)
        return verdict;
    throw new SubmitFault(`a result does not prove itself: ${verdict.field} ${verdict.problem}`);
}
/** The deadline may be another: among transfers that differ in nothing else, the first one counts. */
function isSamePayment(ordered, asked) {
    return (ordered.kind === "transfer" &&
        ordered.id === asked.id &&
        ordered.from === asked.from &&
        ordered.to === asked.to &&
        ordered.asset === asked.asset &&
        ordered.amount === asked.amount &&
        ordered.reference === asked.reference);
}
