/** `countersign history`: lists the transactions of the whole ledger. */
import type { OrderedTransaction } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { DeclineReason, type Result, ResultStatus } from "../../gen/countersign/v1/types_pb.ts";
import { history } from "../client/whole-ledger.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatMoney } from "../ledger/money.ts";
import { formatTime } from "../transport/iso-time.ts";
import { defineCommand } from "./define-command.ts";
import { LIST_OPTIONS, readListTerms } from "./list-arguments.ts";
import { showList } from "./list-command.ts";
import { transactionJson } from "./named-json.ts";
import { NETWORK_OPTIONS, NODE_OPTION } from "./network-access.ts";
import { WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

const NAME = "history";

export const historyCommand = defineCommand({
  name: NAME,
  example: "countersign history --since 2026-11-01 --oldest-first",
  details:
    "Lists payments and creations of wallets, applied or declined, the newest first. A node with access control shows " +
    "them to tokens with the scope read:all. The list is what the node says; the receipt of a transaction proves it: " +
    "countersign receipt get.",
  operands: [],
  options: { ...LIST_OPTIONS, ...NODE_OPTION, ...WALLET_NAMES_OPTION, ...NETWORK_OPTIONS },
  run: async ({ values }, terminal) => {
    const { limit, ...terms } = readListTerms(NAME, values);
    const names = WalletNames.read(NAME, values);
    return await showList(NAME, values, {
      terminal,
      limit,
      list: {
        name: "transactions",
        open: async () => (calls, pages) => history(calls, { ...terms, ...pages }),
        toJson: (item) => transactionJson(names, item),
        heads: HEADS,
        row: (genesis, item) => transactionRow({ genesis, names }, item),
      },
    });
  },
});

const HEADS = ["block", "index", "time", "amount", "from", "to", "result", "reference", "id"];

/** Its cells in a table. */
export function transactionRow(
  { genesis, names }: { readonly genesis: Genesis; readonly names: WalletNames },
  transaction: OrderedTransaction,
): string[] {
  const { height, index, time, operation, result } = transaction;
  const place = [`${height}`, `${index}`, formatTime(Number(time))];
  const outcome = outcomeOf(result);
  if (operation.case === "transaction") {
    const { asset, amount, from, to, reference = "", id } = operation.value;
    const money = formatMoney(genesis, asset, amount);
    return [...place, money, names.show(from), names.show(to), outcome, reference, id];
  }
  if (operation.case === "cancellation") {
    const { from, id } = operation.value;
    return [...place, "", names.show(from), "(cancelled)", outcome, "", id];
  }
  const { asset, initialBalance, walletId, creationId } = operation.value ?? NO_CREATION;
  const money = formatMoney(genesis, asset, initialBalance);
  return [...place, money, "(created)", names.show(walletId), outcome, "", creationId];
}

const NO_CREATION = { asset: "", initialBalance: 0n, walletId: "", creationId: "" };

function outcomeOf(result: Result | undefined): string {
  if (result?.status === ResultStatus.APPLIED) return "applied";
  const names = Object.entries(DeclineReason);
  const [name = "UNKNOWN"] = names.find(([, value]) => value === result?.reason) ?? [];
  return `declined: ${name.toLowerCase().replaceAll("_", " ")}`;
}
