/** Judges the answers of a load once it is over: every status, and of some the receipt, offline with the genesis. */
import { fromBinary } from "@bufbuild/protobuf";
import {
  TransactionRequestSchema,
  TransactionResponseSchema,
  WalletCreationRequestSchema,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus } from "../../gen/countersign/v1/types_pb.ts";
import { type Answer, isAnswerTo, verifyAnswer } from "../../src/client/receipt-answer.ts";
import type { Trust } from "../../src/client/receipt-verifier.ts";
import type { RawAnswer } from "./call-lane.ts";
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
function faultOf({ status, body, call }: KeptAnswer): string | undefined {
  if (status !== 200) return `status ${status}: ${body.toString("utf8", 0, TEXT_MAX)}`;
  const answer = decoded(call, body);
  if (answer.result?.status !== ResultStatus.APPLIED) return "not applied";
  if (answer.unsealed !== undefined || answer.receipt?.sealedHeader === undefined) {
    return "not sealed";
  }
  return idOf(answer) === call.id ? undefined : "about another operation";
}

function receiptFault(trust: Trust, { call, body }: KeptAnswer): string | undefined {
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
