/**
 * A development network on disk: genesis, certificates and one folder for each node. It is made at once under another
 * name and renamed when complete, so that under its own name it is whole or not there; the genesis says what it was
 * made for, so that it can be resumed.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type GenesisTimings, networkIdOf } from "../ledger/genesis.ts";
import { formatGenesis } from "../ledger/genesis-json.ts";
import { sha256 } from "../node/base/crypto.ts";
import { ConfigError, encodeConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { drawNodeSeeds, type NodeSeeds, saveNodeKeys } from "../node/files/node-keys.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Validator } from "../primitives/validators.ts";
import { createDataFolder } from "../storage/data-folder.ts";
import { KeyRing } from "../storage/key-ring.ts";
import { createLevelStore } from "../storage/level-store.ts";
import { createPassphraseFile, loadPassphrase } from "../storage/passphrase.ts";
import {
  type CertificateAndKey,
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../transport/development-certificates.ts";
import { CommandError } from "./command.ts";
import { devnetGenesis } from "./devnet-genesis.ts";
import type { DevnetOptions } from "./devnet-options.ts";

const GENESIS = "genesis.json";
const CA = "ca.pem";
const CONFIG = "config.json";
const CERTIFICATE_DAYS = 365;
/** The passphrase is 256 random bits: a slow derivation would add nothing to it. */
const SCRYPT_COST = { cost: 2 ** 14, blockSize: 8, parallelization: 1 };
/** Every name that may be in a network's folder. */
const OWN_NAMES = /^(genesis\.json|ca\.pem|node[0-9]+)$/;

/** What the surroundings, not this program, are to blame for. */
const FILE_ERRORS: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOSPC",
  "ENOTDIR",
]);

export interface DevnetFolder {
  readonly path: string;
  readonly caFile: string;
  readonly genesisFile: string;
  readonly validators: readonly Validator[];
}

/** Of what a new network is made beside its options. */
export interface Making {
  readonly now: () => number;
  /** Where they are not the default ones. */
  readonly timings?: Partial<GenesisTimings>;
}

/** Resumes what is there, or makes it; every way in which that fails is one clear line. */
export async function openDevnetFolder(
  options: DevnetOptions,
  made: Making = { now: Date.now },
): Promise<DevnetFolder> {
  try {
    if (options.fresh) removeFolder(options.folder);
    if (!existsSync(options.folder) || readdirSync(options.folder).length === 0) {
      await createFolder(options, made);
    }
    return resumeFolder(options);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (!(error instanceof Error) || !FILE_ERRORS.has(code)) throw error;
    throw new CommandError(
      `devnet: ${options.folder} cannot be used (${error.message}); give --data for another folder`,
    );
  }
}

export function configFileOf(folder: DevnetFolder, node: string): string {
  return join(folder.path, node, CONFIG);
}

export function logFileOf(folder: DevnetFolder, node: string): string {
  return join(folder.path, node, "node.log");
}

function resumeFolder({ folder, nodes, port }: DevnetOptions): DevnetFolder {
  const genesisFile = join(folder, GENESIS);
  const halfWritten = `${folder} is half-written or no development network`;
  const remedy = "give --fresh to begin anew, or --data for another folder";
  let validators: readonly Validator[];
  try {
    ({ validators } = loadGenesis(genesisFile));
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(`devnet: ${halfWritten}; ${remedy}`);
    throw error;
  }
  const caFile = join(folder, CA);
  const files = [caFile, ...validators.map(({ id }) => join(folder, id, CONFIG))];
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new CommandError(`devnet: ${halfWritten} (${missing} is missing); ${remedy}`);
  }
  const first = validators[0]?.clientAddress;
  if (validators.length !== nodes || first !== `127.0.0.1:${port}`) {
    throw new CommandError(
      `devnet: ${folder} holds a network of ${validators.length} nodes from ${first} on, ` +
        `not of ${nodes} from 127.0.0.1:${port} on; ${remedy}`,
    );
  }
  return { path: folder, caFile, genesisFile, validators };
}

/** Removes a network's folder, and nothing that this command would not have made. */
function removeFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const foreign = readdirSync(folder).find((name) => !OWN_NAMES.test(name));
  if (foreign !== undefined) {
    throw new CommandError(
      `devnet: ${folder} is not removed, for it holds "${foreign}", which is no part of a ` +
        "development network; give --data for another folder",
    );
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Drafts of runs that were killed while they made the folder. */
function removeOldDrafts(folder: string): void {
  const prefix = `${basename(folder)}.new-`;
  for (const name of readdirSync(dirname(folder))) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!/^[0-9]+$/.test(pid) || existsSync(`/proc/${pid}`)) continue;
    rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

async function createFolder({ folder, nodes, port }: DevnetOptions, made: Making): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  removeOldDrafts(folder);
  const draft = `${folder}.new-${process.pid}`;
  mkdirSync(draft, { mode: 0o700 });
  try {
    const seeds = Array.from({ length: nodes }, drawNodeSeeds);
    const now = made.now();
    const genesis = devnetGenesis({ ...made, seeds, port, now });
    const networkId = networkIdOf(sha256, genesis);
    const authority = await createDevelopmentAuthority({ now, days: CERTIFICATE_DAYS });
    await writeFile(join(draft, CA), authority.certificate);
    for (const [i, validator] of genesis.validators.entries()) {
      const own = seeds[i];
      if (own !== undefined) await createNode(draft, { validator, networkId, authority, own, now });
    }
    await writeFile(join(draft, GENESIS), formatGenesis(genesis));
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

async function createNode(
  network: string,
  parts: {
    readonly validator: Validator;
    readonly networkId: NetworkId;
    /** Its key never reaches the disk: a new certificate means a new network. */
    readonly authority: CertificateAndKey;
    readonly own: NodeSeeds;
    readonly now: number;
  },
): Promise<void> {
  const { validator, networkId, authority, own, now } = parts;
  const folder = join(network, validator.id);
  mkdirSync(folder, { mode: 0o700 });
  const passphraseFile = join(folder, "passphrase");
  await createPassphraseFile(passphraseFile);
  const owner = { networkId, nodeId: validator.id };
  await createDataFolder(join(folder, "data"), owner, async ({ keysPath, storePath }) => {
    const ring = await KeyRing.open(keysPath, await loadPassphrase(passphraseFile), SCRYPT_COST);
    await saveNodeKeys(ring, own);
    await ring.close();
    const store = await createLevelStore({ location: storePath, identity: { networkId } });
    await store.close();
  });
  const validity = { now, days: CERTIFICATE_DAYS };
  const tls = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
  await writeFile(join(folder, "tls-certificate.pem"), tls.certificate);
  await writeFile(join(folder, "tls-key.pem"), tls.key, { mode: 0o600 });
  await writeFile(join(folder, CONFIG), configOf(validator));
}

function configOf(validator: Validator): string {
  return encodeConfig({
    node: validator.id,
    genesis: `../${GENESIS}`,
    data: "data",
    passphraseFile: "passphrase",
    clientListen: validator.clientAddress,
    clientCertificate: "tls-certificate.pem",
    clientKey: "tls-key.pem",
    peerListen: validator.peerAddress,
    logLevel: "info",
  });
}
