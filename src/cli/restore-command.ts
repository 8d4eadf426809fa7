/** `countersign restore`: makes a node's data folder from a backup. */
import { type RestoredFolder, restoreBackup } from "../node/backup-restore.ts";
import { loadConfig, type NodeConfig } from "../node/files/config.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { type Backup, keysOf, openBackup } from "../storage/backup-folder.ts";
import { AgeProblem, decryptKeys, keysToKeep } from "../storage/backup-keys.ts";
import { hasKeys } from "../storage/backup-manifest.ts";
import { copyKeyFiles, type KeyFileCopy } from "../storage/key-ring.ts";
import { readPrivateFile } from "../storage/private-file.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { CONFIG_OPTION, configFile } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { isNotRunning, withOperatorOf } from "./operator-access.ts";

const NAME = "restore";
/** The smallest network in which a node can rejoin (R28). */
const REJOIN_MEMBERS_MIN = 4;

export const restore = defineCommand({
  name: NAME,
  example:
    "countersign restore /backups/monday --config node1/config.json --identity age-identity.txt",
  details:
    "Makes the data folder that the configuration names, where nothing may be yet; other files, such as the passphrase's, " +
    "must be there. The node has said things since the backup that the folder does not know. It therefore says nothing " +
    "before countersign rejoin, and then votes from a view in which it cannot have voted before. No other process may " +
    "run with its keys. Bearer tokens are left out, because the backup does not know which were revoked since.",
  operands: [{ name: "BACKUP", summary: "a folder that countersign backup made" }],
  options: {
    config: CONFIG_OPTION,
    identity: { kind: "text", value: "FILE", summary: "age's identities, to open the keys in it" },
    keys: { kind: "text", value: "DIR", summary: "the node's keys, if they are not in the backup" },
    "keep-tokens": { kind: "flag", summary: "bearer tokens hold again, as of the backup" },
  },
  run: async ({ values, operands }, terminal) => {
    const [path = ""] = operands;
    const config = loadConfig(configFile(NAME, values.config));
    const { identity, keys: folder } = values;
    const backup = await openBackup(path);
    refuseWrongKeys(backup, { identity, folder });
    await refuseRunning(config);
    const keys = await keysFrom(backup, { identity, folder });
    const progress = terminal.progress("records restored");
    try {
      const restored = await restoreBackup({
        config,
        backup,
        keys,
        keepTokens: values["keep-tokens"],
        onRecords: (count) => progress.update(count, backup.manifest.content.records),
      });
      terminal.answer(report(restored, config));
      return EXIT.ok;
    } finally {
      progress.end();
    }
  },
});

interface KeyPlaces {
  readonly identity: string | undefined;
  readonly folder: string | undefined;
}

function refuseWrongKeys({ manifest, path }: Backup, { identity, folder }: KeyPlaces): void {
  if (identity !== undefined && folder !== undefined) {
    throw usage(`${NAME}: --identity and --keys are given; give the one that holds the keys`);
  }
  if (folder !== undefined) return;
  if (!hasKeys(manifest)) {
    throw usage(`${NAME}: ${path} holds no keys; name the folder of the node's keys by --keys DIR`);
  }
  if (identity === undefined) {
    throw usage(
      `${NAME}: the keys in ${path} are encrypted; name the file of an identity that opens them by --identity FILE`,
    );
  }
}

async function keysFrom(
  backup: Backup,
  { identity, folder }: KeyPlaces,
): Promise<readonly KeyFileCopy[]> {
  if (folder !== undefined) {
    const copies = keysToKeep(await copyKeyFiles(folder));
    if (copies.length > 0) return copies;
    throw new CommandError(`${NAME}: ${folder} holds no keys; name the folder of this node's keys`);
  }
  const content = await keysOf(backup);
  if (content === undefined || identity === undefined) return [];
  const text = Buffer.from(await readPrivateFile(identity)).toString("utf8");
  const lines = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  try {
    return await decryptKeys(content, lines);
  } catch (error) {
    if (!(error instanceof AgeProblem)) throw error;
    throw new CommandError(`${NAME}: ${identity} ${error.message}; name another identity`);
  }
}

/** A node that runs with the same configuration answers at its socket. */
async function refuseRunning(config: NodeConfig): Promise<void> {
  if (config.operatorListen.socket === undefined) return;
  try {
    await withOperatorOf(NAME, config, (calls) => calls.getNodeStatus({}));
  } catch (error) {
    if (isNotRunning(error)) return;
    throw error;
  }
  throw new CommandError(
    `${NAME}: a node runs with ${config.file}; a running node needs no restore. To replace it, stop it, and move its data folder away`,
  );
}

function report({ path, height, members }: RestoredFolder, { file }: NodeConfig) {
  const config = shellWord(file);
  const next =
    members < REJOIN_MEMBERS_MIN
      ? `A network of ${members} nodes has no quorum without this one, so the node cannot rejoin: use the folder for reading and ` +
        `checks, such as countersign check --config ${config}.`
      : "It says nothing until it has asked its peers. See that no other process runs with its keys, then:\n" +
        `  countersign rejoin --config ${config}\n  countersign node --config ${config}`;
  return {
    value: { folder: path, height, canRejoin: members >= REJOIN_MEMBERS_MIN },
    text: `${path} stands at height ${height}, as the backup.\n${next}`,
  };
}
