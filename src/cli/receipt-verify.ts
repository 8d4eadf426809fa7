/** `countersign receipt verify`: checks a receipt file offline against the genesis and says what it proves. */
import { open } from "node:fs/promises";
import { parseArgs } from "node:util";
import { RECEIPT_JSON_BYTES_MAX, verifyReceiptJson } from "../client/receipt-json.ts";
import { trustGenesis } from "../client/receipt-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { ConfigError } from "../node/config.ts";
import { isValidPoint, sha256, verify } from "../node/crypto.ts";
import { loadGenesis } from "../node/genesis-file.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { type Command, CommandError, EXIT } from "./command.ts";
import { describeReceipt } from "./receipt-summary.ts";

const NAME = "receipt verify";
const DEFAULT_GENESIS = ".countersign/genesis.json";
/** A pipe has no position; a file is read from its start. */
const STANDARD_INPUT = "-";

export const receiptVerify: Command = {
  name: NAME,
  synopsis: "FILE [--genesis FILE] [--allow-pending]",
  summary:
    "Checks a receipt as the API gave it, alone or with its answer (FILE - reads standard input), against the " +
    `genesis (default ./${DEFAULT_GENESIS}). Nothing is asked of any node.`,
  run: async (args) => {
    const options = parse(args);
    const genesis = readGenesis(options.genesis);
    const text = await readReceipt(options.file);
    const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
    const receipt = verifyReceiptJson(trust, text);
    const name = options.file === STANDARD_INPUT ? "standard input" : options.file;
    if (!receipt.valid) {
      const where = receipt.field === "" ? name : `${name}: ${receipt.field}`;
      throw new CommandError(`${NAME}: ${where} ${receipt.problem}`);
    }
    if (receipt.receipt.proof.kind === "finalized" && !options.allowPending) {
      throw new CommandError(
        `${NAME}: ${name} is final, seal pending: a quorum's votes stand for it, the group's seal does not yet; ` +
          "ask for the receipt again (GetReceipt), or accept it as it is with --allow-pending",
      );
    }
    console.log(describeReceipt(genesis, receipt));
    return EXIT.ok;
  },
};

interface Options {
  readonly file: string;
  readonly genesis: string;
  readonly allowPending: boolean;
}

function parse(args: readonly string[]): Options {
  const { values, positionals } = parseFlags(args);
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    throw new CommandError(`${NAME}: name one receipt file, or - for standard input`, EXIT.usage);
  }
  return {
    file,
    genesis: values.genesis ?? DEFAULT_GENESIS,
    allowPending: values["allow-pending"] ?? false,
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { genesis: { type: "string" }, "allow-pending": { type: "boolean" } },
    });
  } catch (error) {
    throw new CommandError(
      `${NAME}: ${textOf(error)}. The flags are --genesis FILE and --allow-pending`,
      EXIT.usage,
    );
  }
}

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
    throw new CommandError(`${NAME}: ${file} cannot be read (${textOf(error)})`);
  }
}

/** A little more than the limit at most: enough for the verifier to refuse it. */
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
