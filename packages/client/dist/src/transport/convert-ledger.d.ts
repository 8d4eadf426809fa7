import { type CancelTransactionResponse, type GetReceiptResponse, type GetWalletResponse, type TransactionResponse, type WalletCreation as WalletCreationMessage, type WalletCreationResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type Cancellation as CancellationMessage, type Result as ResultMessage, type Transfer as TransferMessage, UnsealedReason, type Wallet as WalletMessage } from "../../gen/countersign/v1/types_pb.ts";
import type { Cancellation } from "../primitives/operations/cancellation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { Result } from "../primitives/result.ts";
import type { CancellationAnswer, CreationAnswer, OrderedCreation, OrderedOperation, ReceiptAnswer, TransferAnswer, Unsealed, WalletAnswer, WalletInfo } from "./ledger-api.ts";
export declare function creationToMessage(answer: CreationAnswer): WalletCreationResponse;
export declare function transferToMessage(answer: TransferAnswer): TransactionResponse;
export declare function cancellationToMessage(answer: CancellationAnswer): CancelTransactionResponse;
export declare function walletAnswerToMessage(answer: WalletAnswer): GetWalletResponse;
export declare function receiptAnswerToMessage(answer: ReceiptAnswer): GetReceiptResponse;
export declare function orderedToMessage(operation: OrderedOperation): GetReceiptResponse["operation"];
export declare function unsealedToMessage(unsealed: Unsealed | undefined): {
    unsealed?: never;
} | {
    unsealed: {
        reason: UnsealedReason;
        message: string;
    };
};
export declare function orderedTransferToMessage(transfer: Transfer): TransferMessage;
export declare function orderedCancellationToMessage({ from, id, validUntil, }: Cancellation): CancellationMessage;
export declare function orderedCreationToMessage({ walletId, creation, }: OrderedCreation): WalletCreationMessage;
export declare function walletToMessage(wallet: WalletInfo): WalletMessage;
export declare function resultToMessage(result: Result): ResultMessage;
