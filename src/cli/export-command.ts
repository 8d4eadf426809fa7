/** `countersign export`: writes the whole statement of a wallet as CSV or JSON lines, entry by entry. */
import { type Entry, EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ListFault, type PageState, statement } from "../client/lists.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { formatDecimal } from "../ledger/money.ts";
import { printable } from "../primitives/printable.ts";
import { formatTime } from "../transport/iso-time.ts";
import { askFirst, refused } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import { csvLine, outsideText } from "./csv.ts";
import { defineCommand } from "./define-command.ts";
import { RANGE_OPTIONS, readRange } from "./list-arguments.ts";
import { entryJson } from "./named-json.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { ownReads } from "./own-wallet.ts";
import { formatJson, type Terminal } from "./terminal.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "export";
const PAGE_SIZE = 1_000;

const FORMAT_OPTION = {
  format: {
    kind: "text",
    value: "FORMAT",
    summary: "the form of the output",
    fallback: "csv",
    choices: ["csv", "jsonl"],
  },
} as const;

export const exportCommand = defineCommand({
  name: NAME,
  operands: [{ name: "WALLET", summary: "the wallet's id, or your name for it" }],
  example:
    "countersign export 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --since 2026-11-01 --format csv",
  options: {
    ...FORMAT_OPTION,
    ...RANGE_OPTIONS,
    ...NODE_OPTION,
    ...WALLET_KEY_OPTIONS,
    ...NETWORK_OPTIONS,
  },
  details:
    "The oldest entry comes first. In CSV, amounts are decimals with a sign, and a reference that a spreadsheet would take for a " +
    "formula begins with an apostrophe; JSON lines have each entry as ListEntries gives it. Your names for wallets are a column, or a field, of their own. With --json the form is jsonl. " +
    "If the exit code is not 0, the output is not whole.",
  run: async ({ values, operands }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const walletId = readWallet(`${NAME}: WALLET`, operands[0] ?? "", names);
    const terms = { walletId, oldestFirst: true, pageSize: PAGE_SIZE, ...readRange(NAME, values) };
    const network = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, network, values.node);
      const reads = await ownReads(NAME, values, network.trust.networkId, [walletId]);
      let page: PageState | undefined;
      const onPage = (state: PageState) => {
        page = state;
      };
      const { member, answer } = await askFirst(NAME, members, async (calls) => {
        const entries = statement(calls, { ...terms, onPage }, reads.get(walletId));
        return { first: await entries.next(), rest: entries };
      });
      refuseIncomplete(member, page);
      const { first, rest } = answer;
      const lines = values.format === "csv" && !terminal.json ? csvLines : jsonLines;
      const entries = first.done === true ? [] : after(first.value, rest);
      await writeLines(lines({ genesis: network.genesis, names }, entries), { member, terminal });
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});

/** An accountant must not take a part for the whole. */
function refuseIncomplete({ id }: Member, page: PageState | undefined): void {
  if (page === undefined || page.completeFrom <= 1n) return;
  throw new CommandError(
    `${NAME}: ${id} still fills in its history and has nothing below height ${page.completeFrom}; ask another node with --node`,
  );
}

async function* after<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

async function writeLines(
  lines: AsyncIterable<string>,
  { member, terminal }: { readonly member: Member; readonly terminal: Terminal },
): Promise<void> {
  let isLost = false;
  terminal.onAnswerLost(() => {
    isLost = true;
  });
  try {
    for await (const line of lines) {
      if (isLost) return;
      terminal.line(line);
      await terminal.written();
    }
  } catch (error) {
    const { message } =
      error instanceof ListFault
        ? new CommandError(`${NAME}: ${printable(error.message)}; ask another node with --node`)
        : refused(NAME, member, error);
    throw new CommandError(`${message}. The output is not whole: run the command again`);
  }
}

const HEADS = ["number", "time", "change", "balance", "asset", "counterparty", "reference", "id"];

interface Shown {
  readonly genesis: Genesis;
  readonly names: WalletNames;
}

async function* csvLines(
  shown: Shown,
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): AsyncGenerator<string> {
  yield csvLine([...HEADS, "height", "index", "counterparty name"]);
  for await (const entry of entries) yield csvLine(cellsOf(shown, entry));
}

async function* jsonLines(
  { names }: Shown,
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): AsyncGenerator<string> {
  for await (const entry of entries) {
    yield formatJson(entryJson(names, entry));
  }
}

function cellsOf({ genesis, names }: Shown, entry: Entry): string[] {
  const { number, kind, time, amount, asset, balance, reference = "", id } = entry;
  return [
    `${number}`,
    formatTime(Number(time)),
    decimalOf(genesis, asset, kind === EntryKind.PAID ? -amount : amount),
    decimalOf(genesis, asset, balance),
    asset,
    outsideText(entry.counterparty),
    outsideText(reference),
    outsideText(id),
    `${entry.height}`,
    `${entry.index}`,
    names.nameOf(entry.counterparty) ?? "",
  ];
}

/** A column of numbers of two kinds would add up to nonsense. */
function decimalOf(genesis: Genesis, asset: string, minor: bigint): string {
  const decimal = formatDecimal(genesis, asset, minor);
  if (decimal !== undefined) return decimal;
  throw new ListFault(`an entry is in ${JSON.stringify(asset)}, which the network does not have`);
}
