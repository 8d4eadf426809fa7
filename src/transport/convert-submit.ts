/** Converts the messages of a stream of signed transfers: operations in, outcomes out. */
import { create } from "@bufbuild/protobuf";
import {
  type SubmitTransactionsRequest,
  type SubmitTransactionsResponse,
  SubmitTransactionsResponseSchema,
  type SubmittedRefusal,
  SubmittedRefusalSchema,
  type SubmittedResult,
  SubmittedResultSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { assert } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import { readWait } from "./convert-command.ts";
import { convert, fail, readBytes, readList } from "./convert-fields.ts";
import { resultToMessage, unsealedToMessage } from "./convert-ledger.ts";
import { proofToMessage } from "./convert-receipt.ts";
import { wireRefusalOf } from "./errors.ts";
import type { CanonicalTransfer, TransferAnswer } from "./ledger-api.ts";
import type { Refusal } from "./refusal.ts";

/** A transfer of a stream, with the number that its client gave it. */
export interface Submission {
  readonly number: number;
  readonly command: CanonicalTransfer;
}

export function submissionsFromMessage({
  transfers,
  wait,
}: SubmitTransactionsRequest): Submission[] | Refusal {
  return convert(() => {
    if (transfers.length === 0) fail("MISSING_FIELD", "transfers", "is empty");
    const waitFor = readWait(wait);
    return readList(transfers, LIMITS.submitStreams.perMessageMax, {
      field: "transfers",
      read: ({ number, operation }, field) => {
        const bytes = readBytes(operation, LIMITS.operationBytesMax, `${field}.operation`);
        return { number, command: { bytes, wait: waitFor } };
      },
    });
  });
}

type Numbered<T> = readonly [number: number, told: T];

/** At least one result; all are of one block, under one proof. */
export function resultsToMessage(
  results: readonly Numbered<TransferAnswer>[],
): SubmitTransactionsResponse {
  const [first] = results;
  assert(first !== undefined, "a group has a result");
  const [, { receipt, unsealed }] = first;
  return create(SubmitTransactionsResponseSchema, {
    results: results.map(([number, answer]) => resultWithNumber(number, answer)),
    proof: proofToMessage(receipt.proof),
    ...unsealedToMessage(unsealed),
  });
}

export function refusalsToMessage(
  refusals: readonly Numbered<Refusal>[],
): SubmitTransactionsResponse {
  return create(SubmitTransactionsResponseSchema, {
    refusals: refusals.map(([number, refusal]) => refusalWithNumber(number, refusal)),
  });
}

function resultWithNumber(number: number, { receipt, result }: TransferAnswer): SubmittedResult {
  const { leaf, index, path } = receipt;
  const told = { number, leaf, index, path: [...path], result: resultToMessage(result) };
  return create(SubmittedResultSchema, told);
}

function refusalWithNumber(number: number, refusal: Refusal): SubmittedRefusal {
  const { message, detail } = wireRefusalOf(refusal);
  return create(SubmittedRefusalSchema, { number, message, detail });
}
