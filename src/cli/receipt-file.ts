/** Reads a receipt that a user kept, and verifies it against the genesis. */
import { open } from "node:fs/promises";
import { verifyReceiptJson } from "../client/receipt-json.ts";
import { RECEIPT_JSON_BYTES_MAX } from "../client/receipt-text.ts";
import { trustGenesis, type VerifiedReceipt } from "../client/receipt-verifier.ts";
import type { Genesis } from "../ledger/genesis.ts";
import { isValidPoint, sha256, verify } from "../node/base/crypto.ts";
import { ConfigError } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { CommandError, type Operand, type Options, type Values } from "./command.ts";

/** A pipe has no position; a file is read from its start. */
const STANDARD_INPUT = "-";
export const DOUBT =
  "it proves nothing: ask any node for it again by countersign receipt get, and compare the genesis";

export const RECEIPT_OPERAND = {
  name: "FILE",
  summary: "a receipt as the API gave it, alone or with its answer; - reads standard input",
} as const satisfies Operand;

export const RECEIPT_FILE_OPTIONS = {
  genesis: {
    kind: "text",
    value: "FILE",
    summary: "the network's genesis, from a source you trust",
    fallback: ".countersign/genesis.json",
  },
  "allow-pending": {
    kind: "flag",
    summary:
      "also accept a receipt without the group's seal, by the votes that made its result final",
  },
} as const satisfies Options;

export interface ReceiptFile {
  readonly genesis: Genesis;
  readonly receipt: VerifiedReceipt;
  /** The text of the file. */
  readonly text: Bytes;
}

/** Throws a CommandError for a file that proves nothing, or less than is asked for. */
export async function readReceiptFile(
  command: string,
  values: Values<typeof RECEIPT_FILE_OPTIONS>,
  file: string = STANDARD_INPUT,
): Promise<ReceiptFile> {
  const genesis = readGivenGenesis(command, values.genesis);
  const text = await readGivenFile(command, file, RECEIPT_JSON_BYTES_MAX, "a receipt");
  const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  const receipt = verifyReceiptJson(trust, text);
  const name = file === STANDARD_INPUT ? "standard input" : file;
  if (!receipt.valid) {
    const what = [receipt.field, receipt.problem].filter((part) => part !== "").join(" ");
    throw new CommandError(`${command}: ${name}: ${what}; ${DOUBT}`);
  }
  if (receipt.receipt.proof.kind === "finalized" && !values["allow-pending"]) {
    throw new CommandError(
      `${command}: ${name} is final, seal pending: a quorum's votes stand for it, the group's seal does not yet; ` +
        "ask for the receipt again (GetReceipt), or accept it as it is with --allow-pending",
    );
  }
  return { genesis, receipt, text };
}

/** Throws a CommandError that names the option. */
export function readGivenGenesis(command: string, file: string): Genesis {
  try {
    return loadGenesis(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(
      `${command}: ${error.message}; name the network's genesis with --genesis FILE`,
    );
  }
}

/** The file, or standard input; one that is larger is cut a little above the bound, so that its verifier refuses it. */
export async function readGivenFile(
  command: string,
  file: string,
  bytesMax: number,
  what: "a receipt" | "a proof",
): Promise<Bytes> {
  try {
    if (file === STANDARD_INPUT) return await readUpTo(process.stdin, bytesMax);
    const handle = await open(file);
    try {
      return await readUpTo(handle.createReadStream({ autoClose: false }), bytesMax);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new CommandError(
      `${command}: ${file} cannot be read (${textOf(error)}); name ${what}, as countersign ${what === "a proof" ? "proof" : "receipt get"} prints it`,
    );
  }
}

/** Reads at most a little more than the limit, enough for the verifier to refuse the file. */
async function readUpTo(stream: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bytesMax) break;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
