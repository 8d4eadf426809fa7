/** Tells what became of the payments of a file, in a few lines or as JSON, and chooses the exit code. */
import { unreachable } from "../primitives/assert.ts";
import { printable } from "../primitives/printable.ts";
import type { DeclineReason } from "../primitives/result.ts";
import type { Refusal } from "../transport/refusal.ts";
import { EXIT } from "./command.ts";
import type { FilePayment } from "./payments-file.ts";
import { declineText } from "./receipt-summary.ts";
import type { WalletNames } from "./wallet-names.ts";

export type FileOutcome =
  | { readonly kind: "applied"; readonly isSealed: boolean }
  | { readonly kind: "declined"; readonly reason: DeclineReason; readonly isSealed: boolean }
  | {
      /** Refused: one node says that it did not order it. Unknown: it may have been sent before. */
      readonly kind: "refused" | "unknown";
      readonly refusal?: Refusal;
      readonly why: string;
    };

const KINDS = ["applied", "declined", "refused", "unknown"] as const;
/** The JSON has all of them. */
const LINES_MAX = 50;

export interface FileAnswer {
  readonly value: object;
  readonly text: string;
  /** That of the worst outcome. */
  readonly exitCode: number;
}

interface SummedFile {
  readonly file: string;
  readonly until: "final" | "sealed";
  readonly again: string;
  readonly names: WalletNames;
}

export function summarizeFile(
  { file, until, again, names }: SummedFile,
  payments: readonly FilePayment[],
  outcomes: ReadonlyMap<number, FileOutcome>,
): FileAnswer {
  const all = payments.flatMap((payment) => {
    const outcome = outcomes.get(payment.row);
    return outcome === undefined ? [] : [{ ...payment, outcome }];
  });
  const counts = Object.fromEntries(
    KINDS.map((kind) => [kind, all.filter(({ outcome }) => outcome.kind === kind).length]),
  ) as Record<FileOutcome["kind"], number>;
  const unsealed = all.filter(({ outcome }) => "isSealed" in outcome && !outcome.isSealed).length;
  const others = all.filter(({ outcome }) => outcome.kind !== "applied");
  const told = KINDS.filter((kind) => kind === "applied" || counts[kind] > 0);
  const counted = told.map((kind) => `${counts[kind]} ${kind}`).join(", ");
  const lines = [
    `${payments.length} payments of ${printable(file)}: ${counted}`,
    ...(unsealed > 0 ? [`${unsealed} results are final, their seals still to come`] : []),
    ...others.slice(0, LINES_MAX).map(({ row, outcome }) => `payment ${row}: ${textOf(outcome)}`),
    ...(others.length > LINES_MAX ? [`and ${others.length - LINES_MAX} more; see --json`] : []),
    ...(counts.unknown > 0
      ? [`Do not pay what is unknown in another way; continue it by: ${again}`]
      : []),
    ...(counts.refused > 0
      ? [
          `Refused is the word of one node. It may have passed a payment on all the same: pay it in another way only after its deadline, 30 minutes at most, and when this says again that it is refused or void: ${again}`,
        ]
      : []),
  ];
  const value = {
    file,
    payments: payments.length,
    ...counts,
    unsealed,
    others: others.map(({ row, to, amount, outcome }) => {
      const { kind } = outcome;
      return {
        payment: row,
        to,
        toName: names.nameOf(to),
        amount,
        outcome: kind,
        reason: textOf(outcome),
      };
    }),
    ...(counts.unknown + counts.refused > 0 ? { continue: again } : {}),
  };
  const exitCode = exitCodeOf(counts, until === "sealed" && unsealed > 0);
  return { value, text: lines.join("\n"), exitCode };
}

function exitCodeOf(counts: Record<FileOutcome["kind"], number>, lacksSeals: boolean): number {
  if (counts.unknown > 0) return EXIT.unknown;
  if (counts.refused > 0) return EXIT.refused;
  if (counts.declined > 0) return EXIT.declined;
  return lacksSeals ? EXIT.unsealed : EXIT.ok;
}

function textOf(outcome: FileOutcome): string {
  switch (outcome.kind) {
    case "applied":
      return "applied";
    case "declined":
      return `DECLINED, nothing changed (${declineText(outcome.reason)})`;
    case "refused":
      return `refused: ${outcome.why}`;
    case "unknown":
      return `unknown: ${outcome.why}`;
    default:
      return unreachable(outcome);
  }
}
