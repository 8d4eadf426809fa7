/** The wallets that a node lists: those that it keeps for the caller, or all of the ledger. */
import type { Wallet } from "../../gen/countersign/v1/types_pb.ts";
import { wallets } from "../client/whole-ledger.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatMoney } from "../ledger/money.ts";
import { parseWhole, usage } from "./arguments.ts";
import type { Options, Values } from "./command.ts";
import { LIMIT_MAX, LIST_OPTIONS } from "./list-arguments.ts";
import { showList } from "./list-command.ts";
import { walletJson } from "./named-json.ts";
import type { NETWORK_OPTIONS, NODE_OPTION } from "./network-access.ts";
import type { Terminal } from "./terminal.ts";
import { type WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

export const LEDGER_WALLET_OPTIONS = {
  all: { kind: "flag", summary: "all wallets of the ledger, as a node lists them" },
  custodial: { kind: "flag", summary: "the wallets that the node of --node keeps for the caller" },
  limit: { ...LIST_OPTIONS.limit, summary: "how many at most, with --all or --custodial" },
} as const satisfies Options;

export async function listLedgerWallets(
  name: string,
  values: Values<
    typeof LEDGER_WALLET_OPTIONS &
      typeof NETWORK_OPTIONS &
      typeof NODE_OPTION &
      typeof WALLET_NAMES_OPTION
  >,
  terminal: Terminal,
): Promise<number> {
  const { all, custodial, node } = values;
  if (all && custodial) throw usage(`${name}: --all is given beside --custodial; give one of them`);
  if (custodial && node === undefined) {
    throw usage(`${name}: --custodial needs --node NODE: each node keeps wallets of its own`);
  }
  const names = WalletNames.read(name, values);
  const limit = parseWhole(values.limit, { what: `${name}: --limit`, min: 1, max: LIMIT_MAX });
  return await showList(name, values, {
    terminal,
    limit,
    list: {
      name: "wallets",
      open: async () => (calls, pages) => wallets(calls, { all, ...pages }),
      lacks: "own wallets",
      toJson: (wallet) => walletJson(names, wallet),
      heads: ["wallet", "balance", "entries", "kept by"],
      row: (genesis, wallet) => rowOf({ genesis, names }, wallet),
    },
  });
}

function rowOf(
  { genesis, names }: { readonly genesis: Genesis; readonly names: WalletNames },
  { id, asset, balance, entries, custodian }: Wallet,
): string[] {
  return [
    names.show(id),
    formatMoney(genesis, asset, balance),
    `${entries}`,
    custodian ?? "its owner",
  ];
}
