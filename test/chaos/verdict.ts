// Judges a run by the files that it left: it replays the stores of all nodes with the shipped ledger, verifies
// receipts offline, and compares the history of all clients with both.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import {
  GetReceiptResponseSchema,
  TransactionResponseSchema,
  WalletCreationResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { type Answer, verifyAnswer } from "../../src/client/receipt-answer.ts";
import { type Trust, trustGenesis } from "../../src/client/receipt-verifier.ts";
import { isValidPoint, sha256, verify } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { encodeHeader } from "../../src/primitives/block.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import type { NodeChain } from "../support/history/chain.ts";
import { check } from "../support/history/checks.ts";
import { type Call, decodeCalls } from "../support/history/history.ts";
import { nameOf } from "../support/history/operation-name.ts";
import { readNode } from "../support/history/stored-chain.ts";

export interface Verdict {
  readonly problems: readonly string[];
  readonly calls: number;
  readonly receipts: number;
  readonly height: number;
  readonly operations: number;
}

/** Only the first problems are printed. */
const SHOWN = 40;

export async function judge(folder: string): Promise<Verdict> {
  const genesis = loadGenesis(join(folder, "network", "genesis.json"));
  const history = decodeCalls(readFileSync(join(folder, "history.jsonl"), "utf8"));
  const problems: string[] = [];
  const chains: NodeChain[] = [];
  for (const { id } of genesis.validators) {
    const read = await readNode(join(folder, "network", id, "data"), { genesis, node: id });
    problems.push(...read.problems);
    chains.push(read.chain);
  }
  problems.push(...check(history, chains));
  const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  const [first] = chains;
  const receipts = checkReceipts(
    history,
    trust,
    new Map(first?.blocks.map((b) => [b.height, b.hash])),
  );
  problems.push(...receipts.problems);
  return {
    problems: problems.slice(0, SHOWN),
    calls: history.length,
    receipts: receipts.count,
    height: first?.blocks.at(-1)?.height ?? 0,
    operations: first?.blocks.reduce((sum, { operations }) => sum + operations.length, 0) ?? 0,
  };
}

/** Every receipt verifies offline, is about the request, and names a block of the chain. */
export function checkReceipts(
  history: readonly Call[],
  trust: Trust,
  hashes: ReadonlyMap<number, string>,
): { readonly count: number; readonly problems: string[] } {
  const problems: string[] = [];
  let count = 0;
  for (const { question, reply } of history) {
    if (reply.kind !== "result" || question.kind === "wallet") continue;
    count += 1;
    const verified = verifyAnswer(trust, decodeAnswer(question, reply.answer));
    if (!verified.valid) {
      problems.push(`receipt of ${question.key}: ${verified.field} ${verified.problem}`);
      continue;
    }
    const { operation, result, header } = verified;
    const hash = toHex(trust.hash(encodeHeader(header)));
    const status = result.status === "applied" ? "applied" : result.reason;
    const same =
      nameOf(trust, operation) === question.key &&
      status === reply.status &&
      header.height === reply.height &&
      hashes.get(header.height) === hash;
    if (!same) problems.push(`receipt of ${question.key} is about something else`);
  }
  return { count, problems };
}

function decodeAnswer(question: Call["question"], base64: string): Answer {
  const bytes = Buffer.from(base64, "base64");
  if (question.kind === "transfer") return fromBinary(TransactionResponseSchema, bytes);
  if (question.kind === "creation") return fromBinary(WalletCreationResponseSchema, bytes);
  return fromBinary(GetReceiptResponseSchema, bytes);
}
