/** Prints the facts that a proof proves, for a person and for a program. */
import type { VerifiedFile } from "../client/proof-file.ts";
import type { StatementExcerpt } from "../client/statement-excerpt.ts";
import type { VerifiedEntry, VerifiedStatement } from "../client/statement-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatMoney } from "../ledger/money.ts";
import { toHex } from "../primitives/bytes.ts";
import { formatTime } from "../transport/iso-time.ts";
import type { Lines } from "./operation-summary.ts";
import { summarizeReceipt } from "./receipt-summary.ts";
import type { WalletNames } from "./wallet-names.ts";

/** All proofs but statements. */
export function summarizeProof(
  genesis: Genesis,
  found: Exclude<VerifiedFile, VerifiedStatement>,
): Lines {
  switch (found.kind) {
    case "receipt":
      return summarizeReceipt(genesis, found);
    case "wallet": {
      const { wallet, asset, walletId } = found;
      return [
        ["proof", "valid: the wallet and what it holds"],
        ["wallet", walletId],
        ["balance", formatMoney(genesis, asset, wallet.balance)],
        ["entries", `${wallet.entries}`],
        ["key", toHex(wallet.publicKey)],
        ...blockLines(genesis, found),
      ];
    }
    case "absence":
      return [
        ["proof", "valid: there is no such wallet"],
        ["wallet", found.walletId],
        ...blockLines(genesis, found),
      ];
    default:
      return [
        ["proof", "valid: the supply"],
        ...found.supply.map(({ asset, amount }) => {
          return [asset, formatMoney(genesis, asset, amount)] as const;
        }),
        ...blockLines(genesis, found),
      ];
  }
}

export function summarizeStatement(
  genesis: Genesis,
  found: VerifiedStatement,
  { opening, entries, closing }: StatementExcerpt,
): Lines {
  const money = (amount: bigint) => formatMoney(genesis, found.asset, amount);
  return [
    ["proof", "valid: these are all entries, in their order"],
    ["wallet", found.walletId],
    ["opening", `${money(opening.balance)}, after ${opening.entries} entries`],
    ["entries", `${entries.length}`],
    ["closing", `${money(closing.balance)}, after ${closing.entries} entries`],
    ...blockLines(genesis, found),
  ];
}

function blockLines(
  { validators }: Genesis,
  { header, certifiedHeader, proof }: Exclude<VerifiedFile, { kind: "receipt" }>,
): Lines {
  const isSealed = proof.kind === "sealed";
  const voters = isSealed ? proof.keyCertificate.threshold : proof.finalization.signatures.length;
  const by = `${voters} of ${validators.length} members, at height ${certifiedHeader.height}`;
  return [
    ["as of", `height ${header.height}, ${formatTime(header.time)}`],
    isSealed ? ["sealed", `by ${by}`] : ["final", `by the votes of ${by}`],
    ["network", toHex(header.networkId)],
  ];
}

export const ENTRY_HEADS = [
  "entry",
  "height",
  "change",
  "balance",
  "other wallet",
  "reference",
  "id",
];

/** Its cells in a table; those of an operation that is given as a hash alone are empty. */
export function entryCells(
  genesis: Genesis,
  names: WalletNames,
  { asset }: VerifiedStatement,
  entry: VerifiedEntry,
): string[] {
  const { number, height, delta, balance, operation } = entry;
  const amount = formatMoney(genesis, asset, delta < 0n ? -delta : delta);
  const change = `${delta < 0n ? "-" : "+"}${amount}`;
  const reference = operation !== undefined && "reference" in operation ? operation.reference : "";
  return [
    ...[`${number}`, `${height}`, change, formatMoney(genesis, asset, balance)],
    ...[otherWallet(names, entry), reference ?? "", operation?.id ?? ""],
  ];
}

function otherWallet(names: WalletNames, { operation, delta }: VerifiedEntry): string {
  if (operation?.kind === "walletCreation") return "created";
  if (operation?.kind !== "transfer") return "";
  return names.show(delta < 0n ? operation.to : operation.from);
}

/** Amounts in minor units, as text. */
export function entryFields({
  number,
  height,
  delta,
  balance,
  operationHash,
  operation,
}: VerifiedEntry) {
  const place = { number: `${number}`, height: `${height}` };
  const money = { delta: `${delta}`, balance: `${balance}` };
  const shown = operation?.kind === "transfer" ? operation : undefined;
  return {
    ...{ ...place, ...money, operationHash: toHex(operationHash) },
    ...(operation === undefined ? {} : { id: operation.id }),
    ...(shown === undefined ? {} : { from: shown.from, to: shown.to }),
    ...(shown?.reference === undefined ? {} : { reference: shown.reference }),
  };
}
