/** Requests and answers of LedgerService: generated messages to values of the protocol and back. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type GetReceiptRequest,
  type GetReceiptResponse,
  GetReceiptResponseSchema,
  type GetWalletRequest,
  type GetWalletResponse,
  GetWalletResponseSchema,
  type TransactionRequest,
  type TransactionResponse,
  TransactionResponseSchema,
  type WalletCreation as WalletCreationMessage,
  type WalletCreationRequest,
  type WalletCreationResponse,
  WalletCreationResponseSchema,
  WalletCreationSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import {
  DeclineReason,
  type Result as ResultMessage,
  ResultSchema,
  ResultStatus,
  type Transfer as TransferMessage,
  TransferSchema,
  UnsealedReason,
  Wait,
  type Wallet as WalletMessage,
  WalletSchema,
} from "../../gen/countersign/v1/types_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import type { DeclineReason as Reason, Result } from "../primitives/result.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.ts";
import {
  convert,
  fail,
  given,
  givenBytes,
  present,
  readAmount,
  readCounter,
  readFixed,
  readHeight,
  readText,
  readUuid,
} from "./convert-fields.ts";
import { receiptToMessage } from "./convert-receipt.ts";
import type {
  CreationAnswer,
  CreationCommand,
  OrderedCreation,
  ReceiptAnswer,
  ReceiptQuery,
  TransferAnswer,
  TransferCommand,
  Unsealed,
  WaitFor,
  WalletAnswer,
  WalletInfo,
  WalletQuery,
} from "./ledger-api.ts";
import type { Refusal } from "./refusal.ts";

export function creationFromMessage(request: WalletCreationRequest): CreationCommand | Refusal {
  return convert(() => {
    const { initialBalance } = request;
    const command: CreationCommand = {
      initialBalance: initialBalance === 0n ? undefined : readAmount(initialBalance),
      creationId: map(given(request.creationId), (text) => readUuid(text, "creationId")),
      asset: map(given(request.asset), (text) => readText(text, LIMITS.nameLengthMax, "asset")),
      publicKey: map(givenBytes(request.publicKey), (bytes) =>
        readFixed(bytes, PUBLIC_KEY_LENGTH, "publicKey"),
      ),
      validUntil: readDeadline(request.validUntil, "validUntil"),
      issuer: map(givenBytes(request.issuer), (bytes) =>
        readFixed(bytes, PUBLIC_KEY_LENGTH, "issuer"),
      ),
      signature: map(givenBytes(request.signature), (bytes) =>
        readFixed(bytes, SIGNATURE_LENGTH, "signature"),
      ),
      wait: readWait(request.wait),
    };
    requireSignedFields(command);
    return command;
  });
}

export function transferFromMessage(request: TransactionRequest): TransferCommand | Refusal {
  return convert(() => {
    const transfer = present(request.transaction, "transaction");
    const signature = map(givenBytes(request.signature), (bytes) =>
      readFixed(bytes, SIGNATURE_LENGTH, "signature"),
    );
    if (signature !== undefined) {
      if (transfer.id === "") fail("MISSING_FIELD", "transaction.id", "a signature covers it");
      if (transfer.asset === "") {
        fail("MISSING_FIELD", "transaction.asset", "a signature covers it");
      }
      if (transfer.validUntil === 0n) {
        fail("MISSING_FIELD", "transaction.validUntil", "a signature covers it");
      }
    }
    return {
      from: readUuid(transfer.from, "transaction.from"),
      to: readUuid(transfer.to, "transaction.to"),
      asset: map(given(transfer.asset), (text) =>
        readText(text, LIMITS.nameLengthMax, "transaction.asset"),
      ),
      amount: readAmount(transfer.amount),
      id: map(given(transfer.id), (text) => readUuid(text, "transaction.id")),
      reference: map(transfer.reference, readReference),
      validUntil: readDeadline(transfer.validUntil, "transaction.validUntil"),
      signature,
      wait: readWait(request.wait),
    };
  });
}

export function walletQueryFromMessage(request: GetWalletRequest): WalletQuery | Refusal {
  return convert(() => ({
    id: readUuid(request.id, "id"),
    minHeight: map(request.minHeight, (value) => readHeight(value, "minHeight")),
  }));
}

export function receiptQueryFromMessage(request: GetReceiptRequest): ReceiptQuery | Refusal {
  return convert(() => {
    if (request.walletId === "") {
      return {
        kind: "transfer",
        from: readUuid(request.from, "from"),
        id: readUuid(request.id, "id"),
      };
    }
    if (request.from !== "" || request.id !== "") {
      fail("MALFORMED", "walletId", "is given beside from and id; ask for one of them");
    }
    return { kind: "creation", walletId: readUuid(request.walletId, "walletId") };
  });
}

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

export function walletAnswerToMessage(answer: WalletAnswer): GetWalletResponse {
  return create(GetWalletResponseSchema, {
    wallet: walletToMessage(answer.wallet),
    height: BigInt(answer.height),
    blockTime: BigInt(answer.blockTime),
    lagging: answer.lagging,
  });
}

export function receiptAnswerToMessage(answer: ReceiptAnswer): GetReceiptResponse {
  const { operation } = answer;
  const message: MessageInitShape<typeof GetReceiptResponseSchema>["operation"] =
    operation.kind === "transfer"
      ? { case: "transaction", value: orderedTransferToMessage(operation.transfer) }
      : { case: "creation", value: orderedCreationToMessage(operation) };
  return create(GetReceiptResponseSchema, {
    operation: message,
    result: resultToMessage(answer.result),
    receipt: receiptToMessage(answer.receipt),
    ...unsealedToMessage(answer.unsealed),
  });
}

const UNSEALED: Readonly<Record<Unsealed["reason"], UnsealedReason>> = {
  notYet: UnsealedReason.NOT_YET,
  noGroupKey: UnsealedReason.NO_GROUP_KEY,
  tooFewHolders: UnsealedReason.TOO_FEW_HOLDERS,
};

function unsealedToMessage(unsealed: Unsealed | undefined) {
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

function orderedCreationToMessage({ walletId, creation }: OrderedCreation): WalletCreationMessage {
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

function walletToMessage(wallet: WalletInfo): WalletMessage {
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

function resultToMessage(result: Result): ResultMessage {
  if (result.status === "applied") return create(ResultSchema, { status: ResultStatus.APPLIED });
  return create(ResultSchema, { status: ResultStatus.DECLINED, reason: DECLINES[result.reason] });
}

/** What a client's signature covers cannot be filled in for it. */
function requireSignedFields(command: CreationCommand): void {
  if (command.issuer !== undefined && command.signature === undefined) {
    fail("MISSING_FIELD", "signature", "is missing beside an issuer");
  }
  if (command.signature === undefined) return;
  for (const name of ["creationId", "asset", "publicKey", "validUntil"] as const) {
    if (command[name] === undefined) fail("MISSING_FIELD", name, "a signature covers it");
  }
}

function readReference(text: string): string {
  if (!text.isWellFormed()) fail("MALFORMED", "transaction.reference", "holds a lone surrogate");
  return text === "" ? text : readText(text, LIMITS.referenceLengthMax, "transaction.reference");
}

function readDeadline(value: bigint, field: string): number | undefined {
  return value === 0n ? undefined : readCounter(value, field);
}

function readWait(wait: Wait): WaitFor {
  switch (wait) {
    case Wait.UNSPECIFIED:
    case Wait.SEALED:
      return "sealed";
    case Wait.FINAL:
      return "final";
    default:
      return fail("MALFORMED", "wait", "must be WAIT_FINAL or WAIT_SEALED");
  }
}

function map<T, U>(value: T | undefined, read: (value: T) => U): U | undefined {
  return value === undefined ? undefined : read(value);
}
