/**
 * Converts requests of LedgerService to commands and queries. This file alone decides that a field covered by a
 * signature must be given.
 */
import type {
  CancelTransactionRequest,
  GetReceiptRequest,
  GetWalletRequest,
  TransactionRequest,
  WalletCreationRequest,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, type Signature } from "../primitives/signature.ts";
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
import type {
  CancellationCommand,
  CreationCommand,
  CustodialCreation,
  CustodialTransfer,
  ReceiptQuery,
  SignedCreation,
  SignedTransfer,
  TransferCommand,
  WaitFor,
  WalletQuery,
} from "./ledger-api.ts";
import type { Refusal } from "./refusal.ts";

export function creationFromMessage(request: WalletCreationRequest): CreationCommand | Refusal {
  return convert(() => {
    const { initialBalance } = request;
    const terms: CustodialCreation = {
      kind: "custodial",
      initialBalance: initialBalance === 0n ? undefined : readAmount(initialBalance),
      creationId: map(given(request.creationId), (text) => readUuid(text, "creationId")),
      asset: map(given(request.asset), (text) => readText(text, LIMITS.nameLengthMax, "asset")),
      publicKey: readKey(request.publicKey, "publicKey"),
      validUntil: readDeadline(request.validUntil, "validUntil"),
      wait: readWait(request.wait),
    };
    const issuer = readKey(request.issuer, "issuer");
    const signature = readSignature(request.signature);
    if (signature !== undefined) return signedCreation(terms, signature, issuer);
    if (issuer !== undefined) fail("MISSING_FIELD", "signature", "is missing beside an issuer");
    return terms;
  });
}

function signedCreation(
  terms: CustodialCreation,
  signature: Signature,
  issuer: Uint8Array | undefined,
): SignedCreation {
  const { initialBalance, wait } = terms;
  const id = covered(terms.creationId, "creationId");
  const asset = covered(terms.asset, "asset");
  const publicKey = covered(terms.publicKey, "publicKey");
  const validUntil = covered(terms.validUntil, "validUntil");
  const author = initialBalance === undefined ? publicKey : covered(issuer, "issuer");
  const common = { kind: "walletCreation", author, id, validUntil } as const;
  const creation = { ...common, publicKey, asset, initialBalance };
  return { kind: "signed", creation, signature, wait };
}

export function transferFromMessage(request: TransactionRequest): TransferCommand | Refusal {
  return convert(() => {
    const transfer = present(request.transaction, "transaction");
    const signature = readSignature(request.signature);
    if (signature !== undefined) {
      covered(given(transfer.id), "transaction.id");
      covered(given(transfer.asset), "transaction.asset");
      covered(transfer.validUntil === 0n ? undefined : true, "transaction.validUntil");
    }
    const terms: CustodialTransfer = {
      kind: "custodial",
      from: readUuid(transfer.from, "transaction.from"),
      to: readUuid(transfer.to, "transaction.to"),
      asset: map(given(transfer.asset), (text) =>
        readText(text, LIMITS.nameLengthMax, "transaction.asset"),
      ),
      amount: readAmount(transfer.amount),
      id: map(given(transfer.id), (text) => readUuid(text, "transaction.id")),
      reference: map(transfer.reference, readReference),
      validUntil: readDeadline(transfer.validUntil, "transaction.validUntil"),
      wait: readWait(request.wait),
    };
    return signature === undefined ? terms : signedTransfer(terms, signature);
  });
}

function signedTransfer(terms: CustodialTransfer, signature: Signature): SignedTransfer {
  const { from, to, amount, reference, wait } = terms;
  const id = covered(terms.id, "transaction.id");
  const asset = covered(terms.asset, "transaction.asset");
  const validUntil = covered(terms.validUntil, "transaction.validUntil");
  const transfer = {
    kind: "transfer",
    id,
    validUntil,
    from,
    to,
    asset,
    amount,
    reference,
  } as const;
  return { kind: "signed", transfer, signature, wait };
}

/** All its fields are covered, and only the payer can sign. */
export function cancellationFromMessage(
  request: CancelTransactionRequest,
): CancellationCommand | Refusal {
  return convert(() => {
    const { from, id, validUntil } = present(request.cancellation, "cancellation");
    const signature = readSignature(request.signature);
    if (signature === undefined) fail("MISSING_FIELD", "signature", "is missing");
    const deadline = readDeadline(validUntil, "cancellation.validUntil");
    const cancellation = {
      kind: "cancellation",
      from: readUuid(from, "cancellation.from"),
      id: readUuid(covered(given(id), "cancellation.id"), "cancellation.id"),
      validUntil: covered(deadline, "cancellation.validUntil"),
    } as const;
    return { cancellation, signature, wait: readWait(request.wait) };
  });
}

/** A field that a client's signature covers must not be filled in for the client. */
function covered<T>(value: T | undefined, field: string): T {
  return value ?? fail("MISSING_FIELD", field, "a signature covers it");
}

export function walletQueryFromMessage(request: GetWalletRequest): WalletQuery | Refusal {
  return convert(() => ({
    id: readUuid(request.id, "id"),
    minHeight: map(request.minHeight, (value) => readHeight(value, "minHeight")),
    atHeight: map(request.atHeight, (value) => readHeight(value, "atHeight")),
    prove: request.prove,
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

function readKey(bytes: Uint8Array, field: string): Uint8Array | undefined {
  return map(givenBytes(bytes), (key) => readFixed(key, PUBLIC_KEY_LENGTH, field));
}

function readSignature(bytes: Uint8Array): Signature | undefined {
  return map(givenBytes(bytes), (signature) => readFixed(signature, SIGNATURE_LENGTH, "signature"));
}

function readReference(text: string): string {
  if (!text.isWellFormed()) fail("MALFORMED", "transaction.reference", "holds a lone surrogate");
  return text === "" ? text : readText(text, LIMITS.referenceLengthMax, "transaction.reference");
}

function readDeadline(value: bigint, field: string): number | undefined {
  return value === 0n ? undefined : readCounter(value, field);
}

export function readWait(wait: Wait): WaitFor {
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
