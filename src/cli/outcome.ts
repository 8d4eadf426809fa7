/** What became of an ordered operation: its receipt checked here, told in a few lines, and the exit code for it. */
import { type Answer, verifyAnswer } from "../client/receipt-answer.ts";
import type { VerifiedReceipt } from "../client/receipt-verifier.ts";
import type { Operation } from "../primitives/operation.ts";
import { CommandError, EXIT } from "./command.ts";
import type { NetworkAccess } from "./network-access.ts";
import { formatSummary, summarizeReceipt } from "./receipt-summary.ts";

export interface Outcome {
  readonly receipt: VerifiedReceipt;
  readonly text: string;
  readonly exitCode: number;
}

/**
 * A gateway may lie: nothing is believed that the receipt does not prove, nor a receipt that is about something else
 * than what was asked for.
 */
export function checkOutcome(
  command: string,
  network: NetworkAccess,
  answer: Answer,
  isAsked: (operation: Operation) => boolean,
): Outcome {
  const receipt = verifyAnswer(network.trust, answer);
  if (!receipt.valid) {
    throw new CommandError(
      `${command}: the node's answer does not prove itself: ${receipt.field} ${receipt.problem}; ` +
        "ask another node by --node, and report this one to its operator",
    );
  }
  if (!isAsked(receipt.operation)) {
    throw new CommandError(
      `${command}: the node answered with the receipt of another operation; ` +
        "ask another node by --node, and report this one to its operator",
    );
  }
  const text = formatSummary(summarizeReceipt(network.genesis, receipt));
  const exitCode = receipt.result.status === "applied" ? EXIT.ok : EXIT.declined;
  return { receipt, text, exitCode };
}
