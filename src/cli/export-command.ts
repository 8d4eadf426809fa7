/** `countersign export`: writes the whole statement of a wallet, entry by entry, as CSV, JSON lines or camt.053. */
import { ListFault, type PageState } from "../client/lists.ts";
import { printable } from "../primitives/printable.ts";
import { askFirst, refused } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { openCamt053 } from "./export-camt053.ts";
import { type ExportLines, openCsv, openJsonLines } from "./export-formats.ts";
import { RANGE_OPTIONS, readRange } from "./list-arguments.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { ownReads } from "./own-wallet.ts";
import type { Terminal } from "./terminal.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "export";

const FORMATS = { csv: openCsv, jsonl: openJsonLines, camt053: openCamt053 } as const;

const FORMAT_OPTION = {
  format: {
    kind: "text",
    value: "FORMAT",
    summary: "the form of the output",
    fallback: "csv",
    choices: Object.keys(FORMATS),
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
    "formula begins with an apostrophe; JSON lines have each entry as ListEntries gives it. Your names for wallets are a column, or a " +
    "field, of their own. camt053 is the bank statement of ISO 20022 (camt.053.001.08), with the balances before and after the period. " +
    "With --json the form is jsonl. If the exit code is not 0, the output is not whole.",
  run: async ({ values, operands }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const walletId = readWallet(`${NAME}: WALLET`, operands[0] ?? "", names);
    const range = readRange(NAME, values);
    const network = openNetwork(NAME, values);
    try {
      const { genesis, trust } = network;
      const members = membersFor(NAME, network, values.node);
      const reads = await ownReads(NAME, values, trust.networkId, [walletId]);
      let page: PageState | undefined;
      const terms = {
        ...{ command: NAME, networkId: trust.networkId, walletId, range },
        shown: { genesis, names },
        read: reads.get(walletId),
        onPage: (state: PageState) => {
          page = state;
        },
      };
      const open = FORMATS[terminal.json ? "jsonl" : (values.format as keyof typeof FORMATS)];
      const { member, answer } = await askFirst(NAME, members, (calls) => open(calls, terms));
      refuseIncomplete(member, page);
      await writeLines(answer, { member, terminal });
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

async function writeLines(
  { lines, total }: ExportLines,
  { member, terminal }: { readonly member: Member; readonly terminal: Terminal },
): Promise<void> {
  let isLost = false;
  terminal.onAnswerLost(() => {
    isLost = true;
  });
  const progress = terminal.progressBeside("lines");
  let written = 0;
  try {
    for await (const line of lines) {
      if (isLost) return;
      terminal.line(line);
      await terminal.written();
      written += 1;
      progress?.update(written, total);
    }
  } catch (error) {
    throw new CommandError(
      `${describe(member, error)}. The output is not whole: run the command again`,
    );
  } finally {
    progress?.end();
  }
}

function describe(member: Member, error: unknown): string {
  if (error instanceof CommandError) return `${NAME}: ${error.message}`;
  return error instanceof ListFault
    ? `${NAME}: ${printable(error.message)}; ask another node with --node`
    : refused(NAME, member, error).message;
}
