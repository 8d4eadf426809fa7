/** Checks the receipt of an ordered operation, sums it up in a few lines, and chooses the exit code. */

import { type Answer, verifyAnswer } from "../client/receipt-answer.ts";
import type { VerifiedReceipt } from "../client/receipt-verifier.ts";
import { sha256 } from "../node/base/crypto.ts";
import { assert, unreachable } from "../primitives/assert.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import { printable } from "../primitives/printable.ts";
import type { ReceiptQuery } from "../transport/ledger-api.ts";
import { receiptQueryOf } from "../transport/ordered-operation.ts";
import { CommandError, EXIT } from "./command.ts";
import type { NetworkAccess } from "./network-access.ts";
import type { Lines } from "./operation-summary.ts";
import { summarizeReceipt } from "./receipt-summary.ts";

export interface Outcome {
  readonly receipt: VerifiedReceipt;
  readonly lines: Lines;
  readonly exitCode: number;
  /** Says why the seal is missing and how to get it later; undefined if there is a seal. */
  readonly unsealed: string | undefined;
}

/** The outcome of a read. */
export function checkOutcome(
  command: string,
  network: NetworkAccess,
  answer: Answer,
  isAsked: (operation: Operation) => boolean,
): Outcome {
  const outcome = judgeAnswer(network, answer, isAsked);
  if (typeof outcome !== "string") return outcome;
  throw new CommandError(`${command}: ${outcome}`);
}

/**
 * A gateway may lie. Only facts that the receipt proves are believed, and only if the receipt is about the requested
 * operation. A text result says what is wrong and what to do.
 */
export function judgeAnswer(
  network: NetworkAccess,
  answer: Answer,
  isAsked: (operation: Operation) => boolean,
): Outcome | string {
  const receipt = verifyAnswer(network.trust, answer);
  const remedy = "ask another node by --node, and report this one to its operator";
  if (!receipt.valid) {
    return `the node's answer does not prove itself: ${receipt.field} ${receipt.problem}; ${remedy}`;
  }
  if (!isAsked(receipt.operation)) {
    return `the node answered with the receipt of another operation; ${remedy}`;
  }
  const lines = summarizeReceipt(network.genesis, receipt);
  const exitCode = receipt.result.status === "applied" ? EXIT.ok : EXIT.declined;
  const unsealed = receipt.receipt.proof.kind === "sealed" ? undefined : explain(receipt, answer);
  return { receipt, lines, exitCode, unsealed };
}

/** The reason is only the node's word. It names the missing part; nothing depends on it. */
function explain({ operation, header, ...verified }: VerifiedReceipt, answer: Answer): string {
  const why = printable(answer.unsealed?.message ?? "");
  const { networkId } = header;
  const query = receiptQueryOf({ hash: sha256, networkId }, operation);
  assert(query !== undefined, "no answer is about an operation that only nodes make");
  const stands = verified.result.status === "applied" ? "is final and stands" : "is final";
  return (
    `the result ${stands}; only its seal is missing${why === "" ? "" : ` (${why})`}. ` +
    `countersign receipt get ${optionsOf(query)} brings the sealed receipt later; do not order it again`
  );
}

function optionsOf(query: ReceiptQuery): string {
  switch (query.kind) {
    case "transfer":
      return `--from ${query.from} --id ${query.id}`;
    case "creation":
      return `--wallet ${query.walletId}`;
    default:
      return unreachable(query);
  }
}
