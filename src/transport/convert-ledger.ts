/** Converts answers of LedgerService to generated messages. */
import { create } from "@bufbuild/protobuf";
import {
  type CancelTransactionResponse,
  CancelTransactionResponseSchema,
  type GetReceiptResponse,
  GetReceiptResponseSchema,
  type GetWalletResponse,
  GetWalletResponseSchema,
  type TransactionResponse,
  TransactionResponseSchema,
  type WalletCreation as WalletCreationMessage,
  type WalletCreationResponse,
  WalletCreationResponseSchema,
  WalletCreationSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  type Cancellation as CancellationMessage,
  CancellationSchema,
  DeclineReason,
  type Result as ResultMessage,
  ResultSchema,
  ResultStatus,
  type Transfer as TransferMessage,
  TransferSchema,
  UnsealedReason,
  type Wallet as WalletMessage,
  WalletSchema,
} from "../../gen/countersign/v1/types_pb.ts";
import { unreachable } from "../primitives/assert.ts";
import type { Cancellation } from "../primitives/operations/cancellation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { DeclineReason as Reason, Result } from "../primitives/result.ts";
import { receiptToMessage } from "./convert-receipt.ts";
import type {
  CancellationAnswer,
  CreationAnswer,
  OrderedCreation,
  OrderedOperation,
  ReceiptAnswer,
  TransferAnswer,
  Unsealed,
  WalletAnswer,
  WalletInfo,
} from "./ledger-api.ts";

export function creationToMessage(answer: CreationAnswer): WalletCreationResponse {
  return create(WalletCreationResponseSchema, {
    ...(answer.wallet === undefined ? {} : { wallet: walletToMessage(answer.wallet) }),
    creation: orderedCreationToMessage(answer),
    result: resultToMessage(answer.result),
    receipt: receiptToMessage(answer.receipt),
    ...unsealedToMessage(answer.unsealed),
  });
}

export function transferToMessage(answer: TransferAnswer): TransactionResponse {
  return create(TransactionResponseSchema, {
    transaction: orderedTransferToMessage(answer.transfer),
    result: resultToMessage(answer.result),
    receipt: receiptToMessage(answer.receipt),
    ...unsealedToMessage(answer.unsealed),
  });
}

export function cancellationToMessage(answer: CancellationAnswer): CancelTransactionResponse {
  const { operation } = answer;
  return create(CancelTransactionResponseSchema, {
    operation:
      operation.kind === "transfer"
        ? { case: "transaction", value: orderedTransferToMessage(operation.transfer) }
        : { case: "cancellation", value: orderedCancellationToMessage(operation.cancellation) },
    result: resultToMessage(answer.result),
    receipt: receiptToMessage(answer.receipt),
    ...unsealedToMessage(answer.unsealed),
  });
}

export function walletAnswerToMessage(answer: WalletAnswer): GetWalletResponse {
  return create(GetWalletResponseSchema, {
    ...(answer.wallet === undefined ? {} : { wallet: walletToMessage(answer.wallet) }),
    ...(answer.proof === undefined ? {} : { proof: answer.proof }),
    height: BigInt(answer.height),
    blockTime: BigInt(answer.blockTime),
    lagging: answer.lagging,
  });
}

export function receiptAnswerToMessage(answer: ReceiptAnswer): GetReceiptResponse {
  return create(GetReceiptResponseSchema, {
    operation: orderedToMessage(answer.operation),
    result: resultToMessage(answer.result),
    receipt: receiptToMessage(answer.receipt),
    ...unsealedToMessage(answer.unsealed),
  });
}

export function orderedToMessage(operation: OrderedOperation): GetReceiptResponse["operation"] {
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

const UNSEALED: Readonly<Record<Unsealed["reason"], UnsealedReason>> = {
  notYet: UnsealedReason.NOT_YET,
  noGroupKey: UnsealedReason.NO_GROUP_KEY,
  tooFewHolders: UnsealedReason.TOO_FEW_HOLDERS,
};

export function unsealedToMessage(unsealed: Unsealed | undefined) {
  if (unsealed === undefined) return {};
  return { unsealed: { reason: UNSEALED[unsealed.reason], message: unsealed.message } };
}

export function orderedTransferToMessage(transfer: Transfer): TransferMessage {
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

export function orderedCancellationToMessage({
  from,
  id,
  validUntil,
}: Cancellation): CancellationMessage {
  return create(CancellationSchema, { from, id, validUntil: BigInt(validUntil) });
}

export function orderedCreationToMessage({
  walletId,
  creation,
}: OrderedCreation): WalletCreationMessage {
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

export function walletToMessage(wallet: WalletInfo): WalletMessage {
  return create(WalletSchema, {
    id: wallet.id,
    asset: wallet.asset,
    balance: wallet.balance,
    publicKey: wallet.publicKey,
    entries: BigInt(wallet.entries),
    ...(wallet.statementHead === undefined ? {} : { statementHead: wallet.statementHead }),
    ...(wallet.custodian === undefined ? {} : { custodian: wallet.custodian }),
  });
}

const DECLINES: Readonly<Record<Reason, DeclineReason>> = {
  expired: DeclineReason.EXPIRED,
  walletExists: DeclineReason.WALLET_EXISTS,
  unknownPayee: DeclineReason.UNKNOWN_PAYEE,
  assetMismatch: DeclineReason.ASSET_MISMATCH,
  insufficientFunds: DeclineReason.INSUFFICIENT_FUNDS,
  overflow: DeclineReason.OVERFLOW,
  ceremonyStepOutOfPlace: DeclineReason.CEREMONY_STEP_OUT_OF_PLACE,
  sponsorQuotaUsed: DeclineReason.SPONSOR_QUOTA_USED,
};

export function resultToMessage(result: Result): ResultMessage {
  if (result.status === "applied") return create(ResultSchema, { status: ResultStatus.APPLIED });
  return create(ResultSchema, { status: ResultStatus.DECLINED, reason: DECLINES[result.reason] });
}
