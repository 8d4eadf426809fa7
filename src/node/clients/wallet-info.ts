/** A wallet as a client sees it. */
import type { LedgerContext } from "../../ledger/context.ts";
import type { WalletRecord } from "../../ledger/wallet-record.ts";
import type { WalletInfo } from "../../transport/ledger-api.ts";
import type { Custody } from "./custody.ts";

export function walletInfo(
  {
    context,
    custody,
  }: { readonly context: LedgerContext; readonly custody: Pick<Custody, "custodianOf"> },
  record: WalletRecord,
): WalletInfo {
  const { id, balance, publicKey, entries, statementHead } = record;
  const asset = context.genesis.assets[record.asset]?.code ?? "";
  const custodian = custody.custodianOf(publicKey)?.id;
  return { id, asset, balance, publicKey, entries, statementHead, custodian };
}
