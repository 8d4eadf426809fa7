/** Judges the answers of a load once it is over: every status, and of some the receipt, offline with the genesis. */
import { fromBinary } from "@bufbuild/protobuf";
import {
  type SubmitTransactionsResponse,
  SubmitTransactionsResponseSchema,
  TransactionRequestSchema,
  TransactionResponseSchema,
  WalletCreationRequestSchema,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus } from "../../gen/countersign/v1/types_pb.ts";
import { type Answer, isAnswerTo, verifyAnswer } from "../../src/client/receipt-answer.ts";
import type { Trust } from "../../src/client/receipt-verifier.ts";
import { readOutcomes, SubmitFault } from "../../src/client/submitted-outcomes.ts";
import { decodeSignedOperation } from "../../src/primitives/operation.ts";
import type { RawAnswer } from "./call-connection.ts";
import type { PreparedCall } from "./signed-load.ts";

/** An answer with the call that got it. */
export interface KeptAnswer extends RawAnswer {
  readonly call: PreparedCall;
}

export interface AnswerVerdict {
  /** Answers by what is wrong with them. */
  readonly failures: Readonly<Record<string, number>>;
  /** Receipts that were verified and prove the operation that was sent. */
  readonly verified: number;
}

const TEXT_MAX = 300;

/** Of every `verifyEvery` answers, the receipt of one is verified. */
export function checkAnswers(
  trust: Trust,
  answers: readonly KeptAnswer[],
  verifyEvery: number,
): AnswerVerdict {
  const failures: Record<string, number> = {};
  let verified = 0;
  for (const [place, answer] of answers.entries()) {
    const isVerified = place % verifyEvery === 0;
    const fault = faultOf(answer) ?? (isVerified ? receiptFault(trust, answer) : undefined);
    if (fault !== undefined) failures[fault] = (failures[fault] ?? 0) + 1;
    else if (isVerified) verified += 1;
  }
  return { failures, verified };
}

/** The reason why an answer is not that of an applied and sealed operation. */
function faultOf(kept: KeptAnswer): string | undefined {
  const { status, body, call } = kept;
  if (status !== 200) return `status ${status}: ${body.toString("utf8", 0, TEXT_MAX)}`;
  if (kept.number !== undefined) return streamedFault(kept);
  const answer = decoded(call, body);
  if (answer.result?.status !== ResultStatus.APPLIED) return "not applied";
  if (answer.unsealed !== undefined || answer.receipt?.sealedHeader === undefined) {
    return "not sealed";
  }
  return idOf(answer) === call.id ? undefined : "about another operation";
}

/** All results of a message came with the same bytes. */
const messages = new WeakMap<Buffer, SubmitTransactionsResponse>();

function messageOf(body: Buffer): SubmitTransactionsResponse {
  const message = messages.get(body) ?? fromBinary(SubmitTransactionsResponseSchema, body);
  messages.set(body, message);
  return message;
}

function streamedFault({ body, number }: KeptAnswer): string | undefined {
  const { results, proof } = messageOf(body);
  const result = results.find((one) => one.number === number)?.result;
  if (result?.status !== ResultStatus.APPLIED) return "not applied";
  return proof?.sealedHeader === undefined ? "not sealed" : undefined;
}

/** Also that it is about the operation that was sent. */
function streamedReceiptFault(trust: Trust, { call, body, number }: KeptAnswer) {
  const { results, ...rest } = messageOf(body);
  const own = { ...rest, results: results.filter((one) => one.number === number) };
  const signed = decodeSignedOperation(
    trust.hash,
    trust.networkId,
    call.operation ?? new Uint8Array(),
  );
  if (signed instanceof Error || signed.operation.kind !== "transfer") return "sent no transfer";
  const { operation } = signed;
  try {
    readOutcomes(trust, own, () => operation);
    return undefined;
  } catch (error) {
    if (!(error instanceof SubmitFault)) throw error;
    return `receipt: ${error.message}`;
  }
}

function receiptFault(trust: Trust, kept: KeptAnswer): string | undefined {
  if (kept.number !== undefined) return streamedReceiptFault(trust, kept);
  const { call, body } = kept;
  const verified = verifyAnswer(trust, decoded(call, body));
  if (!verified.valid) return `receipt: ${verified.field} ${verified.problem}`;
  const asked =
    call.kind === "transfer"
      ? fromBinary(TransactionRequestSchema, call.body)
      : fromBinary(WalletCreationRequestSchema, call.body);
  return isAnswerTo(asked, verified) ? undefined : "the receipt is about another operation";
}

function decoded({ kind }: PreparedCall, body: Buffer) {
  return kind === "transfer"
    ? fromBinary(TransactionResponseSchema, body)
    : fromBinary(WalletCreationResponseSchema, body);
}

function idOf(answer: Answer): string | undefined {
  switch (answer.$typeName) {
    case "countersign.v1.TransactionResponse":
      return answer.transaction?.id;
    case "countersign.v1.WalletCreationResponse":
      return answer.creation?.creationId;
    default:
      return undefined;
  }
}
