/** `countersign verify`: checks a proof of any kind offline against the genesis, and says what it proves. */
import { isReceiptJson, verifyProofFile } from "../client/proof-file.ts";
import { verifyReceiptJson } from "../client/receipt-json.ts";
import { trustGenesis } from "../client/receipt-verifier.ts";
import { excerptOf, type StatementExcerpt } from "../client/statement-excerpt.ts";
import type { VerifiedStatement } from "../client/statement-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { isValidPoint, sha256, verify } from "../node/base/crypto.ts";
import { unreachable } from "../primitives/assert.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { height } from "../primitives/numbers.ts";
import { parseWhole } from "./arguments.ts";
import { CommandError, EXIT, type Options, type Values } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import {
  ENTRY_HEADS,
  entryCells,
  entryFields,
  summarizeProof,
  summarizeStatement,
} from "./proof-summary.ts";
import { DOUBT, RECEIPT_FILE_OPTIONS, readGivenFile, readGivenGenesis } from "./receipt-file.ts";
import { formatNamed, namedFields, summarizeReceipt } from "./receipt-summary.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

const NAME = "verify";

/** Of a statement. */
export const HEIGHT_OPTIONS = {
  "from-height": {
    kind: "text",
    value: "HEIGHT",
    summary: "of a statement: the first block of a range (default: the wallet's first entry)",
  },
  "to-height": {
    kind: "text",
    value: "HEIGHT",
    summary: "of a statement: the last block of a range (default: the block of the proof)",
  },
} as const satisfies Options;

export const verifyCommand = defineCommand({
  name: NAME,
  example: "countersign verify statement.proof --genesis genesis.json",
  details:
    "Calls no node. Takes receipts, and proofs of wallets, of their absence, of the supply and of whole statements, as JSON or in their binary " +
    "form (docs/proofs.md). Compare the wallet that is shown with the one that you asked about.",
  operands: [{ name: "FILE", summary: "a proof or a receipt; - reads standard input" }],
  options: { ...RECEIPT_FILE_OPTIONS, ...HEIGHT_OPTIONS, ...WALLET_NAMES_OPTION },
  run: async ({ values, operands: [file = ""] }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const genesis = readGivenGenesis(NAME, values.genesis);
    const bytes = await readGivenFile(NAME, file, LIMITS.proofBytesMax, "a proof");
    const found = verified(genesis, bytes, file);
    const { proof } = "receipt" in found ? found.receipt : found;
    if (proof.kind === "finalized" && !values["allow-pending"]) {
      throw new CommandError(
        `${NAME}: ${file} is final, seal pending: a quorum's votes stand for it, the group's seal does not yet; ` +
          "ask for the proof again, or accept it as it is with --allow-pending",
      );
    }
    if ("kind" in found && found.kind === "statement") {
      showStatement({ genesis, names, terminal }, found, excerpt(found, values));
      return EXIT.ok;
    }
    const lines =
      "kind" in found ? summarizeProof(genesis, found) : summarizeReceipt(genesis, found);
    terminal.answer({ value: namedFields(lines, names), text: formatNamed(lines, names) });
    return EXIT.ok;
  },
});

/** Of an answer of the API, the fields beside the receipt are judged too. */
function verified(genesis: Genesis, bytes: Bytes, file: string) {
  const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  const found = isReceiptJson(bytes)
    ? verifyReceiptJson(trust, bytes)
    : verifyProofFile(trust, bytes);
  if (found.valid) return found;
  const why = "reason" in found ? found.problem : `${found.field} ${found.problem}`.trimStart();
  throw new CommandError(`${NAME}: ${file}: ${why}; ${DOUBT}`);
}

function excerpt(
  found: VerifiedStatement,
  values: Values<typeof HEIGHT_OPTIONS>,
): StatementExcerpt {
  const { opening, entries, wallet } = found;
  const range = readHeights(NAME, values);
  if (range === undefined) return { opening, entries, closing: wallet };
  const part = excerptOf(found, { from: range.from, to: range.to ?? found.header.height });
  switch (part) {
    case "beginsLate":
      throw new CommandError(
        `${NAME}: the statement leaves out the first ${opening.entries} entries, some of which may be of the range; ask for one that begins before height ${range.from}`,
      );
    case "endsEarly":
      throw new CommandError(
        `${NAME}: the statement ends at height ${found.header.height}, before the end of the range; ask for a newer one`,
      );
    default:
      return typeof part === "string" ? unreachable(part) : part;
  }
}

/** Undefined if none is given. */
export function readHeights(command: string, values: Values<typeof HEIGHT_OPTIONS>) {
  const read = (name: keyof typeof HEIGHT_OPTIONS) => {
    const text = values[name];
    if (text === undefined) return undefined;
    const bounds = { what: `${command}: --${name}`, min: 1, max: Number.MAX_SAFE_INTEGER };
    return height(parseWhole(text, bounds));
  };
  const [from, to] = [read("from-height"), read("to-height")];
  return from === undefined && to === undefined ? undefined : { from: from ?? height(1), to };
}

function showStatement(
  {
    genesis,
    names,
    terminal,
  }: { readonly genesis: Genesis; readonly names: WalletNames; readonly terminal: Terminal },
  found: VerifiedStatement,
  part: StatementExcerpt,
): void {
  const lines = summarizeStatement(genesis, found, part);
  const { opening, closing } = part;
  const carried = ({ entries, balance }: typeof opening) => {
    return { entries: `${entries}`, balance: `${balance}` };
  };
  const rows = part.entries.map((entry) => entryCells(genesis, names, found, entry));
  terminal.answer({
    value: {
      ...namedFields(lines, names),
      ...{ opening: carried(opening), closing: carried(closing) },
      entries: part.entries.map(entryFields),
    },
    text: `${formatTable(ENTRY_HEADS, rows)}\n\n${formatNamed(lines, names)}`,
  });
}
