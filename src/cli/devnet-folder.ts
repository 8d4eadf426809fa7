/**
 * A development network on disk: genesis, certificates and one folder for each node. The folder may already exist, as a
 * link or the root of a disk. A marker file is in it while it is being filled. The genesis holds the options of the
 * network, so that it can be resumed.
 */
import { existsSync, lstatSync, mkdirSync, rmSync, statSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GenesisTimings, networkIdOf, type RulesetStart } from "../ledger/genesis.ts";
import { formatGenesis } from "../ledger/genesis-json.ts";
import { sha256 } from "../node/base/crypto.ts";
import { ConfigError, encodeConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { drawNodeSeeds, type NodeSeeds, saveNodeKeys } from "../node/files/node-keys.ts";
import { errorCode } from "../primitives/error-code.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Validator } from "../primitives/validators.ts";
import { createDataFolder } from "../storage/data-folder.ts";
import { namesIn } from "../storage/folder-names.ts";
import { KeyRing, RANDOM_PASSPHRASE_COST } from "../storage/key-ring.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { createPassphraseFile, loadPassphrase } from "../storage/passphrase.ts";
import { DEFAULT_STORE_ENGINE } from "../storage/store-engine.ts";
import { createStore } from "../storage/store-factory.ts";
import { CommandError } from "./command.ts";
import {
  AUTHORITY,
  areOver,
  CERTIFICATE,
  CERTIFICATE_KEY,
  writeCertificates,
} from "./devnet-certificates.ts";
import { devnetGenesis } from "./devnet-genesis.ts";
import type { DevnetOptions } from "./devnet-options.ts";

const GENESIS = "genesis.json";
const CONFIG = "config.json";
/** All names that may occur in a network's folder. */
const OWN_NAMES = /^(genesis\.json|ca\.pem|node[0-9]+|countersign\.unfinished)$/;
/** Marks a folder that is being filled or emptied. Its nodes have not run, or it was to be removed. */
const UNFINISHED = "countersign.unfinished";

/** Codes of errors that the machine or the folder causes, rather than this program. */
const FILE_ERRORS: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOSPC",
  "ENOTDIR",
  "EBUSY",
  "EIO",
  "ELOOP",
  // A link to nothing, of storage.
  "missing",
]);

export interface DevnetFolder {
  readonly path: string;
  readonly caFile: string;
  readonly genesisFile: string;
  readonly validators: readonly Validator[];
  /** Its certificates were over, and were made anew by this start. */
  readonly renewed: boolean;
}

/** Inputs that are not command-line options. */
export interface NewNetwork {
  readonly now: () => number;
  /** Only if they differ from the defaults. */
  readonly timings?: Partial<GenesisTimings>;
  /** Absent: all rules from the first block on; empty: a genesis without the field. */
  readonly rulesets?: readonly RulesetStart[];
}

/** Resumes the network in the folder, or makes one. Each failure is one clear line. */
export async function openDevnetFolder(
  options: DevnetOptions,
  made: NewNetwork = { now: Date.now },
): Promise<DevnetFolder> {
  const { folder } = options;
  try {
    let names = await namesIn(folder);
    const isUnfinished = names?.includes(UNFINISHED) === true;
    if (names !== undefined && (options.fresh || isUnfinished)) {
      await emptyFolder(folder, names);
      names = [];
    }
    if (names === undefined || names.length === 0) await createFolder(options, made);
    return await resumeFolder(options, made.now());
  } catch (error) {
    const code = errorCode(error);
    if (!(error instanceof Error) || !FILE_ERRORS.has(code)) throw error;
    throw new CommandError(
      `devnet: ${folder} cannot be used (${error.message}); give --data for another folder`,
    );
  }
}

export function configFileOf(folder: DevnetFolder, node: string): string {
  return join(folder.path, node, CONFIG);
}

export function logFileOf(folder: DevnetFolder, node: string): string {
  return join(folder.path, node, "node.log");
}

async function resumeFolder(
  { folder, nodes, port }: DevnetOptions,
  now: number,
): Promise<DevnetFolder> {
  const genesisFile = join(folder, GENESIS);
  const halfWritten = `${folder} is half-written or no development network`;
  const remedy = "give --data for another folder, or --fresh to throw away what is in it";
  let validators: readonly Validator[];
  try {
    ({ validators } = loadGenesis(genesisFile));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (!existsSync(genesisFile)) throw new CommandError(`devnet: ${halfWritten}; ${remedy}`);
    // The unreadable genesis may be intact, so the message does not suggest to begin anew.
    throw new CommandError(`devnet: ${folder} is not resumed: ${error.message}`);
  }
  const caFile = join(folder, AUTHORITY);
  const files = [caFile, ...validators.map(({ id }) => join(folder, id, CONFIG))];
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) {
    // The ledger beside it may be intact, so the message does not suggest to begin anew.
    throw new CommandError(
      `devnet: ${folder} is not resumed: ${missing} is missing; put it back, or give --data for another folder`,
    );
  }
  const first = validators[0]?.clientAddress;
  if (validators.length !== nodes || first !== `127.0.0.1:${port}`) {
    throw new CommandError(
      `devnet: ${folder} holds a network of ${validators.length} nodes from ${first} on, ` +
        `not of ${nodes} from 127.0.0.1:${port} on; resume it by --nodes ${validators.length} --port ${portOf(first)}, give ` +
        "--data for another folder, or --fresh to throw it away",
    );
  }
  const renewed = areOver(folder, now);
  const names = validators.map(({ id }) => id);
  if (renewed) await writeCertificates(folder, names, now);
  return { path: folder, caFile, genesisFile, validators, renewed };
}

function portOf(address: string | undefined): string {
  return address?.split(":").at(-1) ?? "";
}

/** Removes the contents of a network's folder, but only files that this command makes. The folder itself stays. */
async function emptyFolder(folder: string, names: readonly string[]): Promise<void> {
  const foreign = names.find((name) => !OWN_NAMES.test(name));
  if (foreign !== undefined) {
    throw new CommandError(
      `devnet: ${folder} is not emptied, because it holds "${foreign}", which is not part of a ` +
        "development network; give --data for another folder",
    );
  }
  const elsewhere = await elsewhereIn(folder);
  if (elsewhere !== undefined) {
    throw new CommandError(
      `devnet: ${folder} is not emptied, because ${elsewhere} in it leads to another place; ` +
        "empty that yourself, or give --data for another folder",
    );
  }
  // The marker is written first and removed last, so that an interrupted removal can be finished.
  await writeFile(join(folder, UNFINISHED), "");
  for (const name of names) {
    if (name !== UNFINISHED) rmSync(join(folder, name), { recursive: true, force: true });
  }
  rmSync(join(folder, UNFINISHED));
}

/** The first link or root of another disk below the folder. Its operator has put a node's data there. */
async function elsewhereIn(folder: string): Promise<string | undefined> {
  const { dev } = statSync(folder);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isSymbolicLink() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .find((path) => {
      const stat = lstatSync(path);
      return stat.isSymbolicLink() || stat.dev !== dev;
    });
}

/** Fills the folder in place. The genesis is written last, and then the marker is removed. */
async function createFolder(
  { folder, nodes, port }: DevnetOptions,
  made: NewNetwork,
): Promise<void> {
  await makeFolder(folder, 0o700);
  const unfinished = join(folder, UNFINISHED);
  await writeFile(unfinished, "countersign fills this folder; it is not complete\n");
  const seeds = Array.from({ length: nodes }, drawNodeSeeds);
  const now = made.now();
  const genesis = devnetGenesis({ ...made, seeds, port, now });
  const networkId = networkIdOf(sha256, genesis);
  for (const [i, validator] of genesis.validators.entries()) {
    const own = seeds[i];
    if (own !== undefined) await createNode(folder, { validator, networkId, own });
  }
  const names = genesis.validators.map(({ id }) => id);
  await writeCertificates(folder, names, now);
  await writeFile(join(folder, GENESIS), formatGenesis(genesis));
  rmSync(unfinished);
}

async function createNode(
  network: string,
  parts: {
    readonly validator: Validator;
    readonly networkId: NetworkId;
    readonly own: NodeSeeds;
  },
): Promise<void> {
  const { validator, networkId, own } = parts;
  const folder = join(network, validator.id);
  mkdirSync(folder, { mode: 0o700 });
  const passphraseFile = join(folder, "passphrase");
  await createPassphraseFile(passphraseFile);
  const engine = DEFAULT_STORE_ENGINE;
  const owner = { networkId, nodeId: validator.id, engine };
  await createDataFolder(join(folder, "data"), owner, async ({ keysPath, storePath }) => {
    const ring = await KeyRing.open(
      keysPath,
      await loadPassphrase(passphraseFile),
      RANDOM_PASSPHRASE_COST,
    );
    await saveNodeKeys(ring, own);
    await ring.close();
    const store = await createStore({ engine, location: storePath, identity: { networkId } });
    await store.close();
  });
  await writeFile(join(folder, CONFIG), configOf(validator));
}

function configOf(validator: Validator): string {
  return encodeConfig({
    node: validator.id,
    genesis: `../${GENESIS}`,
    data: "data",
    passphraseFile: "passphrase",
    clientListen: validator.clientAddress,
    clientCertificate: CERTIFICATE,
    clientKey: CERTIFICATE_KEY,
    peerListen: validator.peerAddress,
    logLevel: "info",
  });
}
