/** `countersign evidence list`, `export` and `verify`: handle proofs of members' faults, from a node or a file. */
import { existsSync } from "node:fs";
import type { LedgerContext } from "../ledger/context.ts";
import { inlineChecker } from "../node/base/signature-checker.ts";
import { ConfigError } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { type EvidenceRecord, type Judgement, judgeEvidence } from "../node/verify/evidence.ts";
import { equalBytes, toHex, utf8 } from "../primitives/bytes.ts";
import { JsonProblem } from "../primitives/json.ts";
import { LIMITS } from "../primitives/limits.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { type EvidenceFile, formatEvidence, parseEvidence } from "./evidence-file.ts";
import { keptEvidence } from "./kept-evidence.ts";
import { offlineContext, STOPPED_STORE_OPTIONS } from "./stopped-store.ts";
import { formatTable } from "./table.ts";
import type { CommandAnswer } from "./terminal.ts";

export const evidenceList = defineCommand({
  name: "evidence list",
  example: "countersign evidence list --config node1/config.json",
  details:
    `Asks a running node by its operator's socket, or reads the store of a stopped one, without ` +
    `a passphrase. "proven": the record proves the fault. "signed": the member signed it, but ` +
    `the final block that it contradicts is not in the node's store. "void": it shows no fault.`,
  operands: [],
  options: STOPPED_STORE_OPTIONS,
  run: async ({ values }, terminal) => {
    const { context, records } = await keptEvidence("evidence list", values);
    terminal.answer(answerOf(await judgeAll(context, records), "this node keeps no evidence"));
    return EXIT.ok;
  },
});

export const evidenceExport = defineCommand({
  name: "evidence export",
  example: "countersign evidence export --config node1/config.json --out evidence.json",
  details:
    "Writes all evidence of the node, running or stopped, with the final blocks that differing results " +
    "contradict. The file holds no secret. Anyone with the genesis can verify it: countersign evidence verify.",
  operands: [],
  options: {
    ...STOPPED_STORE_OPTIONS,
    out: { kind: "text", value: "FILE", summary: "file to write; it must not exist yet" },
  },
  run: async ({ values }, terminal) => {
    const { out } = values;
    const name = "evidence export";
    if (out === undefined) throw usage(`${name}: --out FILE is missing; name the file to write`);
    const { context, records: all } = await keptEvidence(name, values);
    if (existsSync(out)) throw new CommandError(`${name}: ${out} exists; name another file`);
    const judged = await judgeAll(context, all);
    // A member can make this node keep a statement of its own that accuses no one: such a record is not handed on.
    const records = all.filter((_, index) => typeof judged[index] !== "string");
    const text = formatEvidence({ networkId: context.networkId, records });
    await writeFileDurably(out, utf8(text), PUBLIC_FILE_MODE);
    const { value, text: table } = answerOf(judged, "this node keeps no evidence");
    terminal.answer({
      value: { file: out, records: value },
      text: `${table}\nWritten to ${out}.`,
    });
    return EXIT.ok;
  },
});

export const evidenceVerify = defineCommand({
  name: "evidence verify",
  example: "countersign evidence verify evidence.json --genesis genesis.json",
  details:
    "Calls no node. Exit code 0: every record proves its member's fault. Exit code 1: " +
    "the first record that does not is named.",
  operands: [{ name: "FILE", summary: "a file that countersign evidence export wrote" }],
  options: {
    genesis: {
      kind: "text",
      value: "FILE",
      summary: "the network's genesis, from someone you trust",
      fallback: "genesis.json",
    },
  },
  run: async ({ values, operands }, terminal) => {
    const [file = ""] = operands;
    const name = "evidence verify";
    const context = readContext(name, values.genesis);
    const { networkId, records } = readFile(name, file);
    if (!equalBytes(networkId, context.networkId)) {
      throw new CommandError(
        `${name}: ${file} is of network ${toHex(networkId)}, not of ${values.genesis}; name the right genesis`,
      );
    }
    const judged = await judgeAll(context, records);
    for (const [index, judgement] of judged.entries()) {
      const problem = problemOf(judgement);
      if (problem === undefined) continue;
      throw new CommandError(`${name}: ${file}: records[${index}] ${problem}`);
    }
    terminal.answer(answerOf(judged, "the file holds no evidence"));
    return EXIT.ok;
  },
});

/** In the order of `records`; a text says why a record shows no fault. */
async function judgeAll(
  context: LedgerContext,
  records: readonly EvidenceRecord[],
): Promise<(Judgement | string)[]> {
  const judged: (Judgement | string)[] = [];
  for (const record of records) judged.push(await judgeEvidence(context, inlineChecker, record));
  return judged;
}

/** The reason why a record in a file proves nothing; undefined if it proves a fault. */
function problemOf(judgement: Judgement | string): string | undefined {
  if (typeof judgement === "string") return `${judgement}; do not rely on it`;
  if (judgement.proven) return undefined;
  return (
    `is signed by ${judgement.member.id}, but proves no fault: the final block that it contradicts is not beside it; ` +
    "export it from a node that holds that block"
  );
}

function answerOf(judged: readonly (Judgement | string)[], none: string): CommandAnswer {
  const value = judged.map((one) => {
    if (typeof one === "string") return { member: null, kind: null, proven: false, what: one };
    const { member, kind, proven, what } = one;
    return { member: member.id, kind, proven, what };
  });
  if (judged.length === 0) return { value, text: none };
  const rows = value.map(({ member, kind, proven, what }) => [
    member ?? "-",
    kind ?? "-",
    stateOf(member, proven),
    what,
  ]);
  return { value, text: formatTable(["MEMBER", "FAULT", "STATE", "WHAT"], rows) };
}

function stateOf(member: string | null, proven: boolean): string {
  if (member === null) return "void";
  return proven ? "proven" : "signed";
}

function readContext(command: string, file: string): LedgerContext {
  try {
    return offlineContext(loadGenesis(file));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(
      `${command}: ${error.message}; name the network's genesis with --genesis FILE`,
    );
  }
}

function readFile(command: string, file: string): EvidenceFile {
  const remedy = "name a file that countersign evidence export wrote";
  let text: string;
  try {
    text = readTextBounded(file, LIMITS.files.evidenceBytesMax);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${command}: ${file} cannot be read (${reason}); ${remedy}`);
  }
  const read = parseEvidence(text);
  if (!(read instanceof JsonProblem)) return read;
  const what = read.field === "" ? `it ${read.message}` : `"${read.field}" ${read.message}`;
  throw new CommandError(`${command}: ${file} is no evidence: ${what}; ${remedy}`);
}
