/** The process of `countersign restore`: makes a node's data folder from a backup, and holds it to the genesis. */
import type { BlockCertificate } from "../consensus/certificates.ts";
import { createLedgerContext, type LedgerContext } from "../ledger/context.ts";
import { type Genesis, networkIdOf } from "../ledger/genesis.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { height } from "../primitives/numbers.ts";
import { printable } from "../primitives/printable.ts";
import type { Validator } from "../primitives/validators.ts";
import { certificateChecks } from "../primitives/vote.ts";
import { createCeremonyJudge } from "../seal/judge.ts";
import { createSuite } from "../seal/suite.ts";
import { type Backup, checkBackup, recordsOf } from "../storage/backup-folder.ts";
import { createDataFolder, type DataFolder, stateOf } from "../storage/data-folder.ts";
import { type KeyFileCopy, KeyRing, writeKeyFiles } from "../storage/key-ring.ts";
import type { Upgrade } from "../storage/migration.ts";
import { loadPassphrase } from "../storage/passphrase.ts";
import { markRestored } from "../storage/restored-mark.ts";
import type { RestoreOptions } from "../storage/restored-store.ts";
import { StorageError } from "../storage/storage-errors.ts";
import { createRestoredStore, openStore, type StorePlace } from "../storage/store-factory.ts";
import { isValidPoint, sha256 } from "./base/crypto.ts";
import { createLog } from "./base/log.ts";
import { inlineChecker } from "./base/signature-checker.ts";
import { realSystem } from "./base/system.ts";
import { restore } from "./execution/restore.ts";
import { ConfigError, type NodeConfig } from "./files/config.ts";
import { loadGenesis } from "./files/genesis-file.ts";
import { refuseAbsent } from "./files/named-file.ts";
import { memberOf } from "./files/node-files.ts";
import { loadNodeKeys } from "./files/node-keys.ts";
import { upgradeLog } from "./files/upgrade-log.ts";

export interface BackupRestoreParts extends RestoreOptions {
  readonly config: NodeConfig;
  readonly backup: Backup;
  /** The encrypted key files of the node. */
  readonly keys: readonly KeyFileCopy[];
}

export interface RestoredFolder {
  readonly path: string;
  readonly height: number;
  /** Members of the network: fewer than four have no quorum without this one, so that none can rejoin. */
  readonly members: number;
}

/** Throws ConfigError or StorageError; the data folder is then as it was. */
export async function restoreBackup(parts: BackupRestoreParts): Promise<RestoredFolder> {
  const { config, backup } = parts;
  refuseAbsent(config.file, "genesis", config.genesisFile);
  const genesis = loadGenesis(config.genesisFile);
  const self = memberOf(genesis, config);
  refuseForeign(backup, genesis, self, config);
  await refusePresent(config);
  await checkBackup(backup);
  const owner = {
    networkId: backup.manifest.content.networkId,
    nodeId: self.id,
    engine: config.storeEngine,
  };
  const context = contextOf(genesis);
  const { path } = await createDataFolder(config.dataFolder, owner, (draft) =>
    fill(draft, { ...parts, context, self }),
  );
  const members = context.membersAt(height(0)).length;
  return { path, height: backup.manifest.content.height, members };
}

function refuseForeign(
  { path, manifest }: Backup,
  genesis: Genesis,
  self: Validator,
  config: NodeConfig,
): void {
  const { content, nodeId, nodeIndex } = manifest;
  const networkId = networkIdOf(sha256, genesis);
  if (!equalBytes(content.networkId, networkId)) {
    throw new ConfigError(
      `${path} is a backup of network ${toHex(content.networkId)}, not of ${toHex(networkId)}, which ${config.genesisFile} ` +
        "describes; name the right backup or the right genesis",
    );
  }
  if (nodeId === self.id && nodeIndex === self.index) return;
  throw new ConfigError(
    `${path} is a backup of ${printable(nodeId)}, and ${config.file} is of ${self.id}; name this node's own backup: a store has ` +
      "what its node alone was asked to keep",
  );
}

async function refusePresent({ file, dataFolder }: NodeConfig): Promise<void> {
  if ((await stateOf(dataFolder)) === "absent") return;
  throw new ConfigError(
    `${file}: "data" is ${dataFolder}, where something is already, and a restore overwrites nothing; stop the node, and move ` +
      "the folder away. If its store is sound, start the node on it instead: it is newer than any backup",
  );
}

interface Filling extends BackupRestoreParts {
  readonly context: LedgerContext;
  readonly self: Validator;
}

async function fill(
  { path, keysPath, storePath, networkId, engine }: DataFolder,
  parts: Filling,
): Promise<void> {
  const { config, backup, context, keys, keepTokens, onRecords } = parts;
  await writeKeyFiles(keysPath, keys);
  await checkKeys(keysPath, parts);
  const place = { engine, location: storePath, identity: { networkId } };
  await createRestoredStore(place, recordsOf(backup), { keepTokens, onRecords });
  await checkState(place, { context, backup, upgrade: silentUpgrade(config) });
  await markRestored(path);
}

/** The keys open with the configuration's passphrase, and are those of the member. */
async function checkKeys(
  folder: string,
  { config, self }: Pick<Filling, "config" | "self">,
): Promise<void> {
  refuseAbsent(config.file, "passphraseFile", config.passphraseFile);
  const passphrase = await loadPassphrase(config.passphraseFile);
  const ring = await KeyRing.open(folder, passphrase);
  passphrase.fill(0);
  try {
    const keys = await loadNodeKeys(ring);
    const fits =
      equalBytes(keys.identity.publicKey, self.identityKey) &&
      equalBytes(keys.custody.publicKey, self.custodyKey);
    if (fits) return;
    throw new ConfigError(
      `the given keys are not those of ${self.id} in ${config.genesisFile}; name the keys of this node`,
    );
  } finally {
    await ring.close();
  }
}

/** The restored state is the one that a quorum has finalized, and stands at the height that the backup names. */
async function checkState(
  place: StorePlace,
  parts: { readonly context: LedgerContext; readonly backup: Backup; readonly upgrade: Upgrade },
): Promise<void> {
  const { context, backup, upgrade } = parts;
  const store = await openStore(place, { upgrade });
  try {
    const { state, hash, finalization } = await restore(context, store);
    const isProven =
      finalization === undefined || (await finalizes(context, { finalization, hash }));
    if (isProven && state.height === backup.manifest.content.height) return;
    throw new StorageError(
      "malformed",
      `the backup ${backup.path} holds a last block that no quorum of the genesis has finalized; use another backup`,
    );
  } finally {
    await store.close();
  }
}

function contextOf(genesis: Genesis): LedgerContext {
  const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
  return createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
}

async function finalizes(
  context: LedgerContext,
  { finalization, hash }: { readonly finalization: BlockCertificate; readonly hash: Digest },
): Promise<boolean> {
  const { subject } = finalization;
  if (subject.kind !== "finalize" || !equalBytes(subject.blockHash, hash)) return false;
  const members = context.members(subject.epoch);
  const checks = certificateChecks(context.networkId, members, finalization);
  return checks !== undefined && (await inlineChecker.check(checks));
}

function silentUpgrade({ node }: NodeConfig): Upgrade {
  return upgradeLog(createLog(node, "silent"), realSystem.monotonic);
}
