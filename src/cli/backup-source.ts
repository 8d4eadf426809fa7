/** Makes a backup of one node: read from the node if it runs, and from its store if it is stopped. */
import { lstat } from "node:fs/promises";
import { resolve } from "node:path";
import { networkIdOf } from "../ledger/genesis.ts";
import { sha256 } from "../node/base/crypto.ts";
import { realSystem } from "../node/base/system.ts";
import type { NodeConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { refuseAbsent } from "../node/files/named-file.ts";
import { memberOf } from "../node/files/node-files.ts";
import { type Bytes, equalBytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Backup, createBackup } from "../storage/backup-folder.ts";
import {
  AgeProblem,
  checkRecipients,
  encryptKeys,
  holdsShare,
  keysToKeep,
} from "../storage/backup-keys.ts";
import type { BackupOwner } from "../storage/backup-manifest.ts";
import { encodeRecords } from "../storage/backup-records.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import { makeFolderWhole } from "../storage/draft-folder.ts";
import { copyKeyFiles, type KeyFileCopy, writeKeyFiles } from "../storage/key-ring.ts";
import { pause } from "../transport/timers.ts";
import { CommandError } from "./command.ts";
import { isNotRunning, type OperatorCalls, withOperatorOf } from "./operator-access.ts";
import { withStoppedStore } from "./stopped-store.ts";
import { softwareVersion } from "./version.ts";

/** The place of the keys; there is no default, because a backup without them cannot bring a node back. */
export type KeyChoice =
  | { readonly kind: "encrypted"; readonly recipients: readonly string[] }
  | { readonly kind: "apart"; readonly folder: string }
  | { readonly kind: "left out" };

export interface BackupOrder {
  readonly config: NodeConfig;
  readonly out: string;
  readonly keys: KeyChoice;
  /** MiB a second that a running node is asked for at most. */
  readonly rateMib: number;
  readonly onBytes: (bytes: number) => void;
}

export interface MadeBackup {
  readonly made: Backup;
  /** Lines that the operator should read. */
  readonly notes: readonly string[];
}

const MIB = 1024 * 1024;

export async function makeBackup(command: string, order: BackupOrder): Promise<MadeBackup> {
  const { config, keys } = order;
  refuseAbsent(config.file, "genesis", config.genesisFile);
  const genesis = loadGenesis(config.genesisFile);
  const { id, index } = memberOf(genesis, config);
  const owner = { nodeId: id, nodeIndex: index };
  if (keys.kind === "apart") await refusePresent(command, keys.folder);
  const networkId = networkIdOf(sha256, genesis);
  try {
    if (keys.kind === "encrypted") await checkRecipients(keys.recipients);
    const made =
      (await ofRunningNode(command, order, { owner, networkId })) ??
      (await ofStoppedNode(command, order, owner));
    return { made, notes: await finishKeys(order) };
  } catch (error) {
    if (!(error instanceof AgeProblem)) throw error;
    throw new CommandError(
      `${command}: --recipient: ${error.message}; give it as age-keygen prints it`,
    );
  }
}

/** Undefined if no node listens. */
async function ofRunningNode(
  command: string,
  order: BackupOrder,
  { owner, networkId }: { readonly owner: BackupOwner; readonly networkId: Bytes },
): Promise<Backup | undefined> {
  const { config } = order;
  if (config.operatorListen.socket === undefined) return undefined;
  try {
    return await withOperatorOf(command, config, async (calls) => {
      const begun = await calls.beginBackup({});
      try {
        if (begun.nodeId !== owner.nodeId || !equalBytes(begun.networkId, networkId)) {
          throw new CommandError(
            `${command}: another node than ${owner.nodeId} of ${config.genesisFile} listens at the socket of ${config.file}; ` +
              "name the configuration with which the node was started",
          );
        }
        return await writeBackup(order, owner, paced(piecesOf(calls, begun.id), order));
      } finally {
        // It ends by itself if this is lost, too.
        await calls.endBackup({ id: begun.id }).catch(() => undefined);
      }
    });
  } catch (error) {
    if (isNotRunning(error)) return undefined;
    throw error;
  }
}

async function ofStoppedNode(
  command: string,
  order: BackupOrder,
  owner: BackupOwner,
): Promise<Backup> {
  const places = { config: order.config.file, data: undefined, genesis: undefined };
  return await withStoppedStore(command, places, ({ store }) => {
    const pieces = encodeRecords(store.backup(), LIMITS.backupAnswerBytesMax);
    return writeBackup(order, owner, counted(pieces, order.onBytes));
  });
}

async function writeBackup(
  { config, out, keys }: BackupOrder,
  owner: BackupOwner,
  pieces: AsyncIterable<Bytes>,
): Promise<Backup> {
  return await createBackup({
    ...owner,
    path: out,
    pieces,
    // After the records: a share that the node gets meanwhile is in the copy, and never missing beside its ceremony.
    keys:
      keys.kind === "encrypted"
        ? async () => encryptKeys(await keptKeys(config), keys.recipients)
        : undefined,
    madeAt: realSystem.wall(),
    madeBy: softwareVersion(),
  });
}

/** Copies the keys apart, and says what is missing among them. */
async function finishKeys({ config, keys }: BackupOrder): Promise<string[]> {
  if (keys.kind === "left out") return [];
  const kept = await keptKeys(config);
  if (keys.kind === "apart") {
    await makeFolderWhole(resolve(keys.folder), (draft) => writeKeyFiles(draft, kept));
  }
  if (holdsShare(kept)) return [];
  return [
    "The node holds no share of the group key yet: make another backup once `countersign network` shows the key.",
  ];
}

async function keptKeys({ dataFolder }: NodeConfig): Promise<KeyFileCopy[]> {
  const { keysPath } = await openDataFolder(dataFolder);
  return keysToKeep(await copyKeyFiles(keysPath));
}

async function refusePresent(command: string, folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return;
  throw new CommandError(`${command}: ${folder} already exists; name another folder for the keys`);
}

async function* piecesOf(calls: OperatorCalls, id: Bytes): AsyncGenerator<Bytes> {
  let offset = 0;
  for (;;) {
    const { records } = await calls.readBackup({ id, offset: BigInt(offset) });
    if (records.length === 0) return;
    offset += records.length;
    yield records;
  }
}

/** The same pieces, at a rate that leaves the node its time. */
async function* paced(
  pieces: AsyncIterable<Bytes>,
  { rateMib, onBytes }: BackupOrder,
): AsyncGenerator<Bytes> {
  const begun = realSystem.monotonic();
  let bytes = 0;
  for await (const piece of counted(pieces, onBytes)) {
    bytes += piece.length;
    yield piece;
    const due = begun + (bytes / (rateMib * MIB)) * 1000;
    const early = due - realSystem.monotonic();
    if (early > 0) await pause(realSystem, early);
  }
}

async function* counted(
  pieces: AsyncIterable<Bytes>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Bytes> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    onBytes(bytes);
    yield piece;
  }
}
