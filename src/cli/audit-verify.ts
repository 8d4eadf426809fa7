/** `countersign audit verify`: checks the chain of an audit log's files, offline. */
import { readFile } from "node:fs/promises";
import { sha256 } from "../node/base/crypto.ts";
import { type AuditHead, AuditReader } from "../storage/audit-chain.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";

const NAME = "audit verify";

interface Outcome {
  readonly entries: number;
  readonly first: number;
  /** Entries before the first one. */
  readonly missing: number;
  readonly last: AuditHead;
  readonly from: string;
  readonly to: string;
}

export const auditVerify = defineCommand({
  name: NAME,
  example: "countersign audit verify node1/data/audit/*.jsonl",
  details:
    "The files in the order in which they were written, as their names sort. Exit code 1 names the first line that is not as it " +
    "was written. Lines removed from the end leave no trace in the files: compare the last entry's number and hash with those " +
    "of an earlier run, of the node's log, or give that hash with --contains.",
  operands: [{ name: "FILE", summary: "a file of the audit log", repeated: true }],
  options: {
    contains: {
      kind: "text",
      value: "HASH",
      summary: "the hash of an entry, noted earlier, that must be in the chain",
    },
  },
  run: async ({ operands, values }, terminal) => {
    const outcome = await follow(operands, values.contains);
    const { entries, first, last, from, to } = outcome;
    const verdict =
      outcome.missing === 0
        ? "whole from the first entry"
        : `NOT WHOLE: complete from entry ${first} on; entries 1 to ${outcome.missing} are missing, so look for their files in your archive`;
    terminal.answer({
      value: outcome,
      text: `sound: ${entries} entries, ${first} to ${last.number}, ${from} to ${to}\nlast hash ${last.hash}\n${verdict}`,
    });
    return EXIT.ok;
  },
});

async function follow(files: readonly string[], wanted: string | undefined): Promise<Outcome> {
  const reader = new AuditReader(sha256);
  let first: { readonly number: number; readonly at: number } | undefined;
  let at = 0;
  let isFound = wanted === undefined;
  for (const file of files) {
    reader.beginFile();
    for (const line of await linesOf(file)) {
      const entry = reader.read(line);
      if ("problem" in entry) {
        throw new CommandError(
          `${NAME}: ${file}, line ${entry.line} ${entry.problem}; rely on nothing from there on, and compare with a copy`,
        );
      }
      first ??= entry;
      at = entry.at;
      isFound ||= reader.head?.hash === wanted;
    }
  }
  const { head: last } = reader;
  if (first === undefined || last === undefined) {
    throw new CommandError(`${NAME}: the files hold no entry; name files of an audit log`);
  }
  if (!isFound) {
    throw new CommandError(
      `${NAME}: no entry has the hash ${wanted}: entries were removed, or it is of another log; compare with a copy`,
    );
  }
  const [from, to] = [first.at, at].map((time) => new Date(time).toISOString());
  const entries = last.number - first.number + 1;
  return {
    entries,
    first: first.number,
    missing: first.number - 1,
    last,
    from: from ?? "",
    to: to ?? "",
  };
}

/** Text after the last newline is a line that was cut off; it is invalid. */
async function linesOf(file: string): Promise<readonly string[]> {
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
