/** What a verified receipt says, in a few lines for a person. */

import type { VerifiedReceipt } from "../client/receipt-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { sha256 } from "../node/base/crypto.ts";
import { toHex } from "../primitives/bytes.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import { createdWalletId } from "../primitives/operations/wallet-creation.ts";
import { printable } from "../primitives/printable.ts";
import type { DeclineReason } from "../primitives/result.ts";
import { formatTime } from "../transport/iso-time.ts";
import { formatMoney } from "./money.ts";

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

export type Summary = readonly (readonly [string, string])[];

/** Names and values, in the order in which a person reads them. */
export function summarizeReceipt(genesis: Genesis, receipt: VerifiedReceipt): Summary {
  const { operation, result, header, certifiedHeader } = receipt;
  const { proof } = receipt.receipt;
  const isSealed = proof.kind === "sealed";
  const certified = isSealed ? "sealed" : "final, seal pending";
  const outcome =
    result.status === "applied"
      ? `applied, ${certified}`
      : `DECLINED, nothing changed (${DECLINES[result.reason]}), ${certified}`;
  const voters = isSealed ? proof.keyCertificate.threshold : proof.finalization.signatures.length;
  const members = genesis.validators.length;
  const lines: [string, string][] = [
    ["receipt", `valid: ${outcome}`],
    ...describeOperation(genesis, header.networkId, operation),
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

export function formatSummary(summary: Summary): string {
  return summary.map(([name, value]) => `${name.padEnd(12)}${printable(value)}`).join("\n");
}

function describeOperation(
  genesis: Genesis,
  networkId: NetworkId,
  operation: Operation,
): [string, string][] {
  switch (operation.kind) {
    case "transfer": {
      const { asset, amount, from, to, id, reference } = operation;
      const lines: [string, string][] = [
        ["transfer", `${formatMoney(genesis, asset, amount)} (${amount} minor units)`],
        ["from", from],
        ["to", to],
        ["id", id],
      ];
      if (reference !== undefined) lines.push(["reference", printable(JSON.stringify(reference))]);
      return lines;
    }
    case "walletCreation": {
      const { asset, publicKey, initialBalance, id } = operation;
      return [
        ["creation", `wallet with ${formatMoney(genesis, asset, initialBalance ?? 0n)}`],
        ["wallet", createdWalletId({ hash: sha256, networkId }, operation)],
        ["key", toHex(publicKey)],
        ["creation id", id],
      ];
    }
    default:
      return [["operation", `step of the key ceremony (${operation.kind})`]];
  }
}
