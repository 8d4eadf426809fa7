/** `countersign receipt verify`: checks a receipt file offline against the genesis and says what it proves. */
import { open } from "node:fs/promises";
import { verifyReceiptJson } from "../client/receipt-json.ts";
import { RECEIPT_JSON_BYTES_MAX } from "../client/receipt-text.ts";
import { trustGenesis } from "../client/receipt-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { isValidPoint, sha256, verify } from "../node/base/crypto.ts";
import { ConfigError } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { formatNamed, namedFields, summarizeReceipt } from "./receipt-summary.ts";
import { WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

const NAME = "receipt verify";
/** A pipe has no position; a file is read from its start. */
const STANDARD_INPUT = "-";
const DOUBT =
  "it proves nothing: ask any node for it again by countersign receipt get, and compare the genesis";

export const receiptVerify = defineCommand({
  name: NAME,
  example: "countersign receipt verify receipt.json --genesis genesis.json",
  details: "Calls no node.",
  operands: [
    {
      name: "FILE",
      summary: "a receipt as the API gave it, alone or with its answer; - reads standard input",
    },
  ],
  options: {
    genesis: {
      kind: "text",
      value: "FILE",
      summary: "the network's genesis, from a source you trust",
      fallback: ".countersign/genesis.json",
    },
    "allow-pending": {
      kind: "flag",
      summary:
        "also accept a receipt without the group's seal, by the votes that made its " +
        "result final",
    },
    ...WALLET_NAMES_OPTION,
  },
  run: async ({ values, operands }, terminal) => {
    const [file = STANDARD_INPUT] = operands;
    const names = WalletNames.read(NAME, values);
    const genesis = readGenesis(values.genesis);
    const text = await readReceipt(file);
    const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
    const receipt = verifyReceiptJson(trust, text);
    const name = file === STANDARD_INPUT ? "standard input" : file;
    if (!receipt.valid) {
      const what = [receipt.field, receipt.problem].filter((part) => part !== "").join(" ");
      throw new CommandError(`${NAME}: ${name}: ${what}; ${DOUBT}`);
    }
    if (receipt.receipt.proof.kind === "finalized" && !values["allow-pending"]) {
      throw new CommandError(
        `${NAME}: ${name} is final, seal pending: a quorum's votes stand for it, the group's seal does not yet; ` +
          "ask for the receipt again (GetReceipt), or accept it as it is with --allow-pending",
      );
    }
    const lines = summarizeReceipt(genesis, receipt);
    terminal.answer({ value: namedFields(lines, names), text: formatNamed(lines, names) });
    return EXIT.ok;
  },
});

function readGenesis(file: string): Genesis {
  try {
    return loadGenesis(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(
      `${NAME}: ${error.message}; name the network's genesis with --genesis FILE`,
    );
  }
}

async function readReceipt(file: string): Promise<Bytes> {
  try {
    if (file === STANDARD_INPUT) return await readUpTo(process.stdin);
    const handle = await open(file);
    try {
      return await readUpTo(handle.createReadStream({ autoClose: false }));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new CommandError(
      `${NAME}: ${file} cannot be read (${textOf(error)}); name a receipt, as countersign receipt get prints it`,
    );
  }
}

/** Reads at most a little more than the limit, enough for the verifier to refuse the file. */
async function readUpTo(stream: AsyncIterable<Uint8Array>): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > RECEIPT_JSON_BYTES_MAX) break;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
