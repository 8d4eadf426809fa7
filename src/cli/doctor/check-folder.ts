/** Checks of `countersign doctor`: configuration, genesis, data folder and store, as the files are. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Genesis, networkIdOf } from "../../ledger/genesis.ts";
import { sha256 } from "../../node/base/crypto.ts";
import { ConfigError, loadConfig, type NodeConfig } from "../../node/files/config.ts";
import { loadGenesis } from "../../node/files/genesis-file.ts";
import { equalBytes, toHex } from "../../primitives/bytes.ts";
import type { Validator } from "../../primitives/validators.ts";
import { type DataFolder, openDataFolder, stateOf } from "../../storage/data-folder.ts";
import { isMarkedRestored } from "../../storage/restored-mark.ts";
import { StorageError } from "../../storage/storage-errors.ts";
import { storeExists } from "../../storage/store-factory.ts";
import type { Examination } from "./examination.ts";

/** The parts of a node's folder that fit together. */
export interface NodeFolder {
  readonly config: NodeConfig;
  readonly genesis: Genesis | undefined;
  /** Undefined if the genesis has no such member. */
  readonly self: Validator | undefined;
  readonly data: DataFolder | undefined;
  /** The process that holds the store; undefined if none does, or if the system does not tell. */
  readonly holder: number | undefined;
}

const WRITABLE_BY_OTHERS = 0o022;
const ANY_RIGHT_OF_OTHERS = 0o077;
const REACHED_BY_OTHERS = 0o011;

/** Undefined if the configuration cannot be used: then nothing else can be checked. */
export async function checkFolder(
  configFile: string,
  examination: Examination,
): Promise<NodeFolder | undefined> {
  examination.checked();
  let config: NodeConfig;
  try {
    config = loadConfig(configFile);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    examination.found("CONFIG_INVALID", error.message);
    return undefined;
  }
  const genesis = checkGenesis(config, examination);
  const data = await checkDataFolder(config, examination);
  const isOther = checkNetwork({ config, genesis, data }, examination);
  const self = isOther ? undefined : checkMember(config, genesis, examination);
  if (data !== undefined) await checkStore(data, config, examination);
  const holder = data === undefined ? undefined : holderOf(join(data.storePath, "LOCK"));
  return { config, genesis: isOther ? undefined : genesis, self, data, holder };
}

/** The text of an error of ours without its remedy: the finding has its own. */
export function problemOf(error: unknown): string {
  if (!(error instanceof ConfigError || error instanceof StorageError)) throw error;
  return error.message.split("; ")[0] ?? error.message;
}

function checkGenesis(
  { file, genesisFile }: NodeConfig,
  examination: Examination,
): Genesis | undefined {
  examination.checked();
  // As at a start: a name that leads nowhere may be a secret in the wrong place.
  if (!existsSync(genesisFile)) {
    examination.found("GENESIS_INVALID", `${file}: "genesis" names nothing that is there`);
    return undefined;
  }
  try {
    return loadGenesis(genesisFile);
  } catch (error) {
    examination.found("GENESIS_INVALID", problemOf(error), genesisFile);
    return undefined;
  }
}

async function checkDataFolder(
  { file, dataFolder }: NodeConfig,
  examination: Examination,
): Promise<DataFolder | undefined> {
  examination.checked();
  try {
    if ((await stateOf(dataFolder)) === "absent") {
      const what = `${file}: "data" names no data folder: nothing is there, or an empty folder`;
      examination.found("DATA_FOLDER_MISSING", what);
      return undefined;
    }
    const data = await openDataFolder(dataFolder);
    checkRights(data, examination);
    return data;
  } catch (error) {
    const isNewer = error instanceof StorageError && error.code === "newerSchema";
    const code = isNewer ? "DATA_FOLDER_NEWER" : "DATA_FOLDER_INVALID";
    examination.found(code, problemOf(error), dataFolder);
    return undefined;
  }
}

function checkRights({ path, keysPath, storePath }: DataFolder, examination: Examination): void {
  examination.checked();
  const whole = modeOf(path);
  const isReached = (whole & REACHED_BY_OTHERS) !== 0;
  const exposed = [
    { folder: path, mode: whole & WRITABLE_BY_OTHERS },
    { folder: keysPath, mode: isReached ? modeOf(keysPath) & ANY_RIGHT_OF_OTHERS : 0 },
    { folder: storePath, mode: isReached ? modeOf(storePath) & WRITABLE_BY_OTHERS : 0 },
  ].find(({ mode }) => mode !== 0);
  if (exposed === undefined) return;
  const shown = modeOf(exposed.folder).toString(8).padStart(4, "0");
  const what = `${exposed.folder} has mode ${shown}`;
  examination.found("DATA_FOLDER_EXPOSED", what, exposed.folder);
}

/** 0 for what is not there, which other checks report. */
function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
}

/** True if the folder belongs to another network than that of the genesis. */
function checkNetwork(
  { config, genesis, data }: Pick<NodeFolder, "config" | "genesis" | "data">,
  examination: Examination,
): boolean {
  if (genesis === undefined || data === undefined) return false;
  examination.checked();
  const networkId = networkIdOf(sha256, genesis);
  if (!equalBytes(data.networkId, networkId)) {
    const what =
      `${config.genesisFile} has the hash ${toHex(networkId)}, and ${data.path} belongs to the network ` +
      toHex(data.networkId);
    examination.found("GENESIS_OTHER", what, config.genesisFile);
    return true;
  }
  if (data.nodeId !== config.node && genesis.validators.some(({ id }) => id === config.node)) {
    const what = `${data.path} is the data folder of ${data.nodeId}, and "node" is ${config.node}`;
    examination.found("DATA_FOLDER_FOREIGN", what, data.path);
  }
  return false;
}

function checkMember(
  { file, node, peerAddresses, genesisFile }: NodeConfig,
  genesis: Genesis | undefined,
  examination: Examination,
): Validator | undefined {
  if (genesis === undefined) return undefined;
  examination.checked();
  const { validators } = genesis;
  const names = validators.map(({ id }) => id);
  const self = validators.find(({ id }) => id === node);
  const strange = [...peerAddresses.keys()].find((peer) => !names.includes(peer) || peer === node);
  const members = `the members of ${genesisFile} are ${names.join(", ")}`;
  if (self === undefined) {
    examination.found("NODE_UNKNOWN", `${file}: "node" is no member: ${members}`, genesisFile);
  } else if (strange !== undefined) {
    const what = `${file}: "peers" has an entry that is no other member: ${members}`;
    examination.found("NODE_UNKNOWN", what, genesisFile);
  }
  return self;
}

async function checkStore(
  { path, engine, storePath, networkId }: DataFolder,
  { dataFolder }: NodeConfig,
  examination: Examination,
): Promise<void> {
  examination.checked();
  const place = { engine, location: storePath, identity: { networkId } };
  if (!(await storeExists(place))) {
    examination.found("STORE_MISSING", `${dataFolder} has no store in it`);
  } else if (isMarkedRestored(path)) {
    const what = `${dataFolder} was restored from a backup, and the node has not rejoined since`;
    examination.found("STORE_RESTORED", what);
  }
}

/**
 * The id of the process that holds a lock on the file, by /proc/locks (proc_locks(5)): asking for the lock itself would
 * disturb a node that starts at this moment.
 */
function holderOf(file: string): number | undefined {
  try {
    const { ino } = statSync(file);
    const locks = readFileSync("/proc/locks", "utf8").split("\n");
    const held = locks.map((line) => /\bWRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line));
    const found = held.find((match) => match?.[2] === `${ino}`);
    return found?.[1] === undefined ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}
