// The answers of a load are judged one by one; of some, the receipt is verified.
import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { checkAnswers, type KeptAnswer } from "../../bench/load/answer-check.ts";
import {
  TransactionRequestSchema,
  type TransactionResponse,
  TransactionResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus, TransferSchema } from "../../gen/countersign/v1/types_pb.ts";
import { orderedTransferToMessage, resultToMessage } from "../../src/transport/convert-ledger.ts";
import { receiptToMessage } from "../../src/transport/convert-receipt.ts";
import { finalized, payment, sealed, trust } from "../client/workshop.ts";

const transaction = orderedTransferToMessage(payment);
const good = create(TransactionResponseSchema, {
  transaction,
  result: resultToMessage({ status: "applied" }),
  receipt: receiptToMessage(sealed()),
});

function kept(answer: Partial<TransactionResponse> = {}, asked = transaction): KeptAnswer {
  const request = create(TransactionRequestSchema, { transaction: asked });
  return {
    status: 200,
    body: Buffer.from(toBinary(TransactionResponseSchema, { ...good, ...answer })),
    call: {
      kind: "transfer",
      id: payment.id,
      path: "/",
      body: Buffer.from(toBinary(TransactionRequestSchema, request)),
    },
  };
}

const faults = (...answers: KeptAnswer[]) => checkAnswers(trust, answers, 1).failures;

describe("the answers of a load", () => {
  it("are good if they are applied, sealed and about what was asked for", () => {
    expect(checkAnswers(trust, [kept()], 1)).toEqual({ failures: {}, verified: 1 });
  });

  it("are counted by what is wrong with them", () => {
    const busy = { ...kept(), status: 429, body: Buffer.from("busy") };
    const declined = create(TransactionResponseSchema, {
      result: { status: ResultStatus.DECLINED },
    });
    const pending = { receipt: receiptToMessage(finalized()) };
    const other = { transaction: create(TransferSchema, { ...transaction, id: payment.from }) };
    expect(faults(busy, busy, kept(declined), kept(pending), kept(other))).toEqual({
      "status 429: busy": 2,
      "not applied": 1,
      "not sealed": 1,
      "about another operation": 1,
    });
  });

  it("have their receipts verified", () => {
    const receipt = receiptToMessage(sealed());
    const seal = receipt.sealedHeader?.seal;
    if (seal === undefined) throw new Error("a sealed receipt");
    seal[40] = (seal[40] ?? 0) ^ 1;
    expect(Object.keys(faults(kept({ receipt })))).toEqual([
      expect.stringMatching(/^receipt: receipt\.sealedHeader\.seal/),
    ]);
  });

  it("must prove the operation that was sent", () => {
    const asked = create(TransferSchema, { ...transaction, amount: 7n });
    expect(faults(kept({}, asked))).toEqual({ "the receipt is about another operation": 1 });
  });

  it("have one receipt in so many verified, and every status judged", () => {
    const answers = Array.from({ length: 101 }, () => kept());
    expect(checkAnswers(trust, answers, 50)).toEqual({ failures: {}, verified: 3 });
    answers[30] = { ...kept(), status: 503, body: Buffer.from("") };
    expect(checkAnswers(trust, answers, 50).failures).toEqual({ "status 503: ": 1 });
  });
});
