/** A receipt with the answer that brought it: every field beside the receipt must follow from the receipt. */
import { equals } from "@bufbuild/protobuf";
import { WalletCreationSchema, } from "../../gen/countersign/v1/ledger_service_pb.js";
import { CancellationSchema, ResultSchema, TransferSchema, WalletSchema, } from "../../gen/countersign/v1/types_pb.js";
import { createdWallet } from "../ledger/wallet-record.js";
import { unreachable } from "../primitives/assert.js";
import { equalBytes } from "../primitives/bytes.js";
import { orderedCancellationToMessage, orderedCreationToMessage, orderedTransferToMessage, resultToMessage, walletToMessage, } from "../transport/convert-ledger.js";
import { orderedOf } from "../transport/ordered-operation.js";
import { verifyReceiptFields } from "./receipt-text.js";
import { receiptProblem, } from "./receipt-verifier.js";
/**
 * Verifies the receipt in `answer` and everything beside it. The caller has to check that it is about the request, by
 * `isAnswerTo` or otherwise: a gateway may answer with the receipt of another operation.
 */
export function verifyAnswer(trust, answer) {
    const { receipt: message } = answer;
    if (message === undefined)
        return receiptProblem("receipt", "is missing");
    const verified = verifyReceiptFields(trust, message);
    if (!verified.valid)
        return within("receipt", verified);
    return checkViews(viewsOf(answer), provenViews(trust, verified)) ?? verified;
}
/**
 * True if a verified receipt is about the signed order that was sent. Its deadline may differ: among requests under
 * one id that differ in nothing else, the first one counts.
 */
export function isAnswerTo(asked, { operation }) {
    if (asked.$typeName === "countersign.v1.TransactionRequest") {
        if (operation.kind !== "transfer")
            return false;
        const ordered = orderedTransferToMessage(operation);
        if (asked.transaction === undefined)
            return false;
        const { validUntil } = ordered;
        const wanted = { ...asked.transaction, validUntil };
        return equals(TransferSchema, wanted, ordered);
    }
    const { creationId, asset, publicKey, issuer, initialBalance } = asked;
    return (operation.kind === "walletCreation" &&
        operation.id === creationId &&
        operation.asset === asset &&
        equalBytes(operation.publicKey, publicKey) &&
        (operation.initialBalance ?? 0n) === initialBalance &&
        (issuer.length === 0 || equalBytes(operation.author, issuer)));
}
function within(prefix, { field, problem }) {
    return receiptProblem(field === "" ? prefix : `${prefix}.${field}`, problem);
}
function viewsOf(answer) {
    const { result } = answer;
    switch (answer.$typeName) {
        case "countersign.v1.WalletCreationResponse":
            return { creation: answer.creation, wallet: answer.wallet, result };
        case "countersign.v1.TransactionResponse":
            return { transfer: answer.transaction, result };
        case "countersign.v1.CancelTransactionResponse":
        case "countersign.v1.GetReceiptResponse": {
            const { operation } = answer;
            return {
                transfer: operation.case === "transaction" ? operation.value : undefined,
                cancellation: operation.case === "cancellation" ? operation.value : undefined,
                creation: operation.case === "creation" ? operation.value : undefined,
                result,
            };
        }
        default:
            return unreachable(answer);
    }
}
/** The views that follow from the verified data; a node's answers are written by the same code. */
function provenViews(trust, verified) {
    const { operation, result } = verified;
    const ordered = orderedOf(trust, operation);
    if (ordered === undefined)
        return {};
    switch (ordered.kind) {
        case "transfer": {
            return {
                transfer: orderedTransferToMessage(ordered.transfer),
                result: resultToMessage(result),
            };
        }
        case "cancellation":
            return {
                cancellation: orderedCancellationToMessage(ordered.cancellation),
                result: resultToMessage(result),
            };
        case "creation": {
            const isCreated = result.status === "applied";
            return {
                creation: orderedCreationToMessage(ordered),
                wallet: isCreated
                    ? walletToMessage(createdWalletInfo(trust, verified, ordered))
                    : undefined,
                result: resultToMessage(result),
            };
        }
        default:
            return unreachable(ordered);
    }
}
/** The wallet as its creation left it: balance, statement and custodian follow from leaf, header and genesis. */
function createdWalletInfo(trust, { header, operationHash }, { walletId: id, creation }) {
    const { publicKey, asset } = creation;
    const at = { height: header.height, operationHash };
    // A statement does not hold the asset's place in the genesis.
    const record = createdWallet(trust, { id, asset: 0 }, creation, at);
    const custodian = trust.validators.find(({ custodyKey }) => equalBytes(custodyKey, publicKey))?.id;
    const { balance, entries, statementHead } = record;
    return { id, asset, balance, publicKey, entries, statementHead, custodian };
}
function checkViews(given, proven) {
    const unproved = (differs(TransferSchema, given.transfer, proven.transfer) && "transaction") ||
        (differs(CancellationSchema, given.cancellation, proven.cancellation) && "cancellation") ||
        (differs(WalletCreationSchema, given.creation, proven.creation) && "creation") ||
        (differs(WalletSchema, given.wallet, proven.wallet) && "wallet") ||
        (differs(ResultSchema, given.result, proven.result) && "result");
    return unproved ? receiptProblem(unproved, "is not what the receipt proves") : undefined;
}
/** An absent field claims nothing. */
function differs(schema, given, proven) {
    return given !== undefined && (proven === undefined || !equals(schema, given, proven));
}
