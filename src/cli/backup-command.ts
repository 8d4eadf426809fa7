/** `countersign backup` and `backup verify`: copies of a node's store and keys, and their check. */
import { loadConfig } from "../node/files/config.ts";
import { type Backup, checkBackup, openBackup } from "../storage/backup-folder.ts";
import { hasKeys } from "../storage/backup-manifest.ts";
import { parseWhole, usage } from "./arguments.ts";
import { type KeyChoice, makeBackup } from "./backup-source.ts";
import { EXIT, type Options } from "./command.ts";
import { CONFIG_OPTION, configFile } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import type { CommandAnswer } from "./terminal.ts";

const NAME = "backup";
/** MiB a second that a running node is asked for: it hands them out on the thread that votes. */
const RATE = { fallback: 8, max: 1_000 };
const RECIPIENTS_MAX = 16;

const OPTIONS = {
  config: CONFIG_OPTION,
  out: { kind: "text", value: "DIR", summary: "folder to make; it must not exist yet" },
  recipient: {
    kind: "text",
    value: "AGE",
    summary: "who can open the keys in the backup: age1…, or several with commas between",
  },
  "keys-to": { kind: "text", value: "DIR", summary: "folder to make for the keys alone" },
  "without-keys": { kind: "flag", summary: "copy no keys" },
  rate: {
    kind: "text",
    value: "MIB",
    summary: "MiB a second to read from a running node",
    fallback: `${RATE.fallback}`,
  },
} as const satisfies Options;

export const backup = defineCommand({
  name: NAME,
  example: "countersign backup --config node1/config.json --out /backups/monday --recipient age1…",
  details:
    "Asks a running node by its operator's socket for a copy as of one moment, or reads the store of a stopped one. " +
    "Everything that was written is read again before the folder gets its name. The keys stay encrypted under the " +
    "node's passphrase, which no backup holds. --recipient puts them into the backup, encrypted once more to " +
    "identities of age; --keys-to copies them into a folder of their own; --without-keys leaves them out. The journal " +
    "of the node's votes is in no backup: a restored node asks its peers first (countersign rejoin).",
  operands: [],
  options: OPTIONS,
  run: async ({ values }, terminal) => {
    const config = loadConfig(configFile(NAME, values.config));
    const { out } = values;
    if (out === undefined) throw usage(`${NAME}: --out DIR is missing; name the folder to make`);
    const keys = keyChoice(values);
    const rateMib = parseWhole(values.rate, { what: `${NAME}: --rate`, min: 1, max: RATE.max });
    const progress = terminal.progress("bytes copied");
    try {
      const onBytes = (bytes: number) => progress.update(bytes);
      const { made, notes } = await makeBackup(NAME, { config, out, keys, rateMib, onBytes });
      for (const note of notes) terminal.note(note);
      terminal.answer(answerOf(made));
      return EXIT.ok;
    } finally {
      progress.end();
    }
  },
});

export const backupVerify = defineCommand({
  name: "backup verify",
  example: "countersign backup verify /backups/monday",
  details:
    "Needs neither the node nor its keys. Exit code 1 names the first file or record that is not what was written. A " +
    "restore makes the same check, and then compares the state with what a quorum has finalized.",
  operands: [{ name: "BACKUP", summary: "a folder that countersign backup made" }],
  options: {},
  run: async ({ operands }, terminal) => {
    const [path = ""] = operands;
    const found = await openBackup(path);
    await checkBackup(found);
    terminal.answer(answerOf(found));
    return EXIT.ok;
  },
});

function keyChoice(values: {
  readonly recipient: string | undefined;
  readonly "keys-to": string | undefined;
  readonly "without-keys": boolean;
}): KeyChoice {
  const { recipient, "keys-to": folder, "without-keys": leftOut } = values;
  const given = [recipient !== undefined, folder !== undefined, leftOut].filter(Boolean).length;
  if (given !== 1) {
    throw usage(
      `${NAME}: give one of --recipient AGE, --keys-to DIR and --without-keys, because the node cannot be brought back without its keys`,
    );
  }
  if (folder !== undefined) return { kind: "apart", folder };
  if (recipient === undefined) return { kind: "left out" };
  const recipients = recipient.split(",");
  if (recipients.length > RECIPIENTS_MAX) {
    throw usage(`${NAME}: --recipient names more than ${RECIPIENTS_MAX} recipients`);
  }
  return { kind: "encrypted", recipients };
}

function answerOf({ path, manifest }: Backup): CommandAnswer {
  const { content, nodeId, madeAt, madeBy, files } = manifest;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const { networkId, height, blockHash, blockTime, layout, records } = content;
  const keys = hasKeys(manifest);
  return {
    value: {
      ...{ folder: path, nodeId, networkId, height, blockHash, blockTime, layout, records },
      ...{ bytes, files: files.length, keys, madeAt, madeBy },
    },
    text: [
      `${path}: ${records} records, ${bytes} bytes in ${files.length} files, each as it was written`,
      `node        ${nodeId}`,
      `network     ${Buffer.from(networkId).toString("hex")}`,
      `height      ${height}${height === 0 ? "" : `, ${new Date(blockTime).toISOString()}`}`,
      `keys        ${keys ? "encrypted to a recipient of age" : "not in it"}`,
    ].join("\n"),
  };
}
