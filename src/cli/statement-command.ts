/** `countersign statement`: lists the entries of a wallet, with the balance after each. */
import { type Entry, EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { statement } from "../client/lists.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatMoney } from "../ledger/money.ts";
import { formatTime } from "../transport/iso-time.ts";
import type { Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { LIST_OPTIONS, readListTerms } from "./list-arguments.ts";
import { showList } from "./list-command.ts";
import { entryJson } from "./named-json.ts";
import { NETWORK_OPTIONS, NODE_OPTION } from "./network-access.ts";
import { ownReads } from "./own-wallet.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "statement";

const FILTERS = {
  counterparty: { kind: "text", value: "WALLET", summary: "only payments from and to this wallet" },
  reference: { kind: "text", value: "TEXT", summary: "only references that begin with this" },
} as const;

export const statementCommand = defineCommand({
  name: NAME,
  example: "countersign statement 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --since 2026-11-01",
  details:
    "The newest entries come first. A statement is what the node says; the receipt of an entry " +
    "proves it: countersign receipt get. If the wallet's key is in --wallets, it signs the call: a node shows a " +
    "statement to the wallet's owner without a token.",
  operands: [{ name: "WALLET", summary: "the wallet's id, or your name for it" }],
  options: {
    ...LIST_OPTIONS,
    ...FILTERS,
    ...NODE_OPTION,
    ...WALLET_KEY_OPTIONS,
    ...NETWORK_OPTIONS,
  },
  run: async ({ values, operands }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const walletId = readWallet(`${NAME}: WALLET`, operands[0] ?? "", names);
    const { limit, ...terms } = readListTerms(NAME, values);
    const asked = { walletId, ...terms, ...readFilters(values, names) };
    return await showList(NAME, values, {
      terminal,
      limit,
      list: {
        name: "entries",
        beside: { walletId },
        open: async ({ trust }) => {
          const reads = await ownReads(NAME, values, trust.networkId, [walletId]);
          return (calls, pages) => statement(calls, { ...asked, ...pages }, reads.get(walletId));
        },
        toJson: (entry) => entryJson(names, entry),
        heads: HEADS,
        row: (genesis, entry) => entryRow({ genesis, names }, entry),
      },
    });
  },
});

function readFilters({ counterparty, reference }: Values<typeof FILTERS>, names: WalletNames) {
  return {
    ...(counterparty !== undefined && {
      counterparty: readWallet(`${NAME}: --counterparty`, counterparty, names),
    }),
    ...(reference !== undefined && { referencePrefix: reference }),
  };
}

const HEADS = ["entry", "time", "change", "balance", "other wallet", "reference", "id"];

/** Its cells in a table. */
export function entryRow(
  { genesis, names }: { readonly genesis: Genesis; readonly names: WalletNames },
  entry: Entry,
): string[] {
  const { asset, balance, kind } = entry;
  const sign = kind === EntryKind.PAID ? "-" : "+";
  return [
    `${entry.number}`,
    formatTime(Number(entry.time)),
    `${sign}${formatMoney(genesis, asset, entry.amount)}`,
    formatMoney(genesis, asset, balance),
    kind === EntryKind.CREATED ? "created" : names.show(entry.counterparty),
    entry.reference ?? "",
    entry.id,
  ];
}
