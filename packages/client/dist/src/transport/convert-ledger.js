/** Converts answers of LedgerService to generated messages. */
import { create } from "@bufbuild/protobuf";
import { CancelTransactionResponseSchema, GetReceiptResponseSchema, GetWalletResponseSchema, TransactionResponseSchema, WalletCreationResponseSchema, WalletCreationSchema, } from "../../gen/countersign/v1/ledger_service_pb.js";
import { CancellationSchema, DeclineReason, ResultSchema, ResultStatus, TransferSchema, UnsealedReason, WalletSchema, } from "../../gen/countersign/v1/types_pb.js";
import { unreachable } from "../primitives/assert.js";
import { receiptToMessage } from "./convert-receipt.js";
export function creationToMessage(answer) {
    return create(WalletCreationResponseSchema, {
        ...(answer.wallet === undefined ? {} : { wallet: walletToMessage(answer.wallet) }),
        creation: orderedCreationToMessage(answer),
        result: resultToMessage(answer.result),
        receipt: receiptToMessage(answer.receipt),
        ...unsealedToMessage(answer.unsealed),
    });
}
export function transferToMessage(answer) {
    return create(TransactionResponseSchema, {
        transaction: orderedTransferToMessage(answer.transfer),
        result: resultToMessage(answer.result),
        receipt: receiptToMessage(answer.receipt),
        ...unsealedToMessage(answer.unsealed),
    });
}
export function cancellationToMessage(answer) {
    const { operation } = answer;
    return create(CancelTransactionResponseSchema, {
        operation: operation.kind === "transfer"
            ? { case: "transaction", value: orderedTransferToMessage(operation.transfer) }
            : { case: "cancellation", value: orderedCancellationToMessage(operation.cancellation) },
        result: resultToMessage(answer.result),
        receipt: receiptToMessage(answer.receipt),
        ...unsealedToMessage(answer.unsealed),
    });
}
export function walletAnswerToMessage(answer) {
    return create(GetWalletResponseSchema, {
        wallet: walletToMessage(answer.wallet),
        height: BigInt(answer.height),
        blockTime: BigInt(answer.blockTime),
        lagging: answer.lagging,
    });
}
export function receiptAnswerToMessage(answer) {
    return create(GetReceiptResponseSchema, {
        operation: orderedToMessage(answer.operation),
        result: resultToMessage(answer.result),
        receipt: receiptToMessage(answer.receipt),
        ...unsealedToMessage(answer.unsealed),
    });
}
export function orderedToMessage(operation) {
    switch (operation.kind) {
        case "transfer":
            return { case: "transaction", value: orderedTransferToMessage(operation.transfer) };
        case "cancellation":
            return {
                case: "cancellation",
                value: orderedCancellationToMessage(operation.cancellation),
            };
        case "creation":
            return { case: "creation", value: orderedCreationToMessage(operation) };
        default:
            return unreachable(operation);
    }
}
const UNSEALED = {
    notYet: UnsealedReason.NOT_YET,
    noGroupKey: UnsealedReason.NO_GROUP_KEY,
    tooFewHolders: UnsealedReason.TOO_FEW_HOLDERS,
};
export function unsealedToMessage(unsealed) {
    if (unsealed === undefined)
        return {};
    return { unsealed: { reason: UNSEALED[unsealed.reason], message: unsealed.message } };
}
export function orderedTransferToMessage(transfer) {
    return create(TransferSchema, {
        from: transfer.from,
        to: transfer.to,
        asset: transfer.asset,
        amount: transfer.amount,
        id: transfer.id,
        validUntil: BigInt(transfer.validUntil),
        ...(transfer.reference === undefined ? {} : { reference: transfer.reference }),
    });
}
export function orderedCancellationToMessage({ from, id, validUntil, }) {
    return create(CancellationSchema, { from, id, validUntil: BigInt(validUntil) });
}
export function orderedCreationToMessage({ walletId, creation, }) {
    return create(WalletCreationSchema, {
        walletId,
        creationId: creation.id,
        asset: creation.asset,
        publicKey: creation.publicKey,
        validUntil: BigInt(creation.validUntil),
        ...(creation.initialBalance === undefined
            ? {}
            : { initialBalance: creation.initialBalance, issuer: creation.author }),
    });
}
export function walletToMessage(wallet) {
    return create(WalletSchema, {
        id: wallet.id,
        asset: wallet.asset,
        balance: wallet.balance,
        publicKey: wallet.publicKey,
        entries: BigInt(wallet.entries),
        statementHead: wallet.statementHead,
        ...(wallet.custodian === undefined ? {} : { custodian: wallet.custodian }),
    });
}
const DECLINES = {
    expired: DeclineReason.EXPIRED,
    walletExists: DeclineReason.WALLET_EXISTS,
    unknownPayee: DeclineReason.UNKNOWN_PAYEE,
    assetMismatch: DeclineReason.ASSET_MISMATCH,
    insufficientFunds: DeclineReason.INSUFFICIENT_FUNDS,
    overflow: DeclineReason.OVERFLOW,
    ceremonyStepOutOfPlace: DeclineReason.CEREMONY_STEP_OUT_OF_PLACE,
    sponsorQuotaUsed: DeclineReason.SPONSOR_QUOTA_USED,
};
export function resultToMessage(result) {
    if (result.status === "applied")
        return create(ResultSchema, { status: ResultStatus.APPLIED });
    return create(ResultSchema, { status: ResultStatus.DECLINED, reason: DECLINES[result.reason] });
}
