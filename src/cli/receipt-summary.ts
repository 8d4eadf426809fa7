/** Prints a verified receipt in a few lines. */

import type { VerifiedReceipt } from "../client/receipt-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { toHex } from "../primitives/bytes.ts";
import { printable } from "../primitives/printable.ts";
import type { DeclineReason } from "../primitives/result.ts";
import { formatTime } from "../transport/iso-time.ts";
import { type Lines, summarizeOperation } from "./operation-summary.ts";
import type { WalletNames } from "./wallet-names.ts";

const DECLINES: Readonly<Record<DeclineReason, string>> = {
  expired: "its block came after its deadline",
  walletExists: "the wallet exists",
  unknownPayee: "the wallet to be paid does not exist",
  assetMismatch: "the assets differ",
  insufficientFunds: "the paying wallet held less",
  overflow: "the supply would exceed its bound",
  ceremonyStepOutOfPlace: "the step was out of place",
  sponsorQuotaUsed: "its sponsor answers for as many wallets without money as it may",
};

/** A clause for a person. */
export function declineText(reason: DeclineReason): string {
  return DECLINES[reason];
}

export function summarizeReceipt(genesis: Genesis, receipt: VerifiedReceipt): Lines {
  const { operation, result, header, certifiedHeader } = receipt;
  const { proof } = receipt.receipt;
  const isSealed = proof.kind === "sealed";
  const certified = isSealed ? "sealed" : "final, seal pending";
  const outcome =
    result.status === "applied"
      ? `applied, ${certified}`
      : `DECLINED, nothing changed (${declineText(result.reason)}), ${certified}`;
  const voters = isSealed ? proof.keyCertificate.threshold : proof.finalization.signatures.length;
  const members = genesis.validators.length;
  const lines: (readonly [string, string])[] = [
    ["receipt", `valid: ${outcome}`],
    ...summarizeOperation({ genesis, networkId: header.networkId }, operation),
    ["block", `height ${header.height}, ${formatTime(header.time)}`],
    [
      isSealed ? "sealed" : "final",
      isSealed
        ? `by ${voters} of ${members} members, at height ${certifiedHeader.height}`
        : `by the votes of ${voters} of ${members} members, at height ${certifiedHeader.height}`,
    ],
  ];
  if (isSealed) lines.push(["group key", toHex(proof.keyCertificate.groupKey)]);
  lines.push(["network", toHex(header.networkId)]);
  return lines;
}

export function formatSummary(summary: Lines): string {
  return summary.map(([name, value]) => `${name.padEnd(12)}${printable(value)}`).join("\n");
}

/** Lines of a receipt whose value is a wallet's id. */
const WALLETS = ["from", "to", "wallet"];

/** With the user's name before the id of each wallet. */
export function formatNamed(summary: Lines, names: WalletNames): string {
  return formatSummary(
    summary.map(([name, value]) => [name, WALLETS.includes(name) ? names.show(value) : value]),
  );
}

/** Ids as they are, and the user's names beside them. */
export function namedFields(summary: Lines, names: WalletNames): Record<string, string> {
  const named = summary.flatMap(([field, value]) => {
    const name = WALLETS.includes(field) ? names.nameOf(value) : undefined;
    return name === undefined ? [] : [[`${field}Name`, name] as const];
  });
  return Object.fromEntries([...summary, ...named]);
}
