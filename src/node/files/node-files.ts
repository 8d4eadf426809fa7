/** Opens all files that a node's configuration names, and checks them against the genesis. */
import { type Genesis, networkIdOf } from "../../ledger/genesis.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { Store } from "../../storage/contracts.ts";
import { openDataFolder } from "../../storage/data-folder.ts";
import { KeyRing } from "../../storage/key-ring.ts";
import type { Upgrade } from "../../storage/migration.ts";
import { loadPassphrase } from "../../storage/passphrase.ts";
import { isPassphraseFile } from "../../storage/passphrase-source.ts";
import { openStore, type StorePlace } from "../../storage/store-factory.ts";
import { sha256 } from "../base/crypto.ts";
import { ConfigError, type NodeConfig } from "./config.ts";
import { loadGenesis } from "./genesis-file.ts";
import { refuseAbsent } from "./named-file.ts";
import { loadNodeKeys, type NodeKeys } from "./node-keys.ts";
import { type OpenFiles, openFilesLimit, shareOpenFiles } from "./open-files.ts";

export interface NodeFiles extends MemberFiles {
  readonly store: Store;
  readonly openFiles: OpenFiles;
}

/** The files of a member, except its store. */
export interface MemberFiles {
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
  readonly self: Validator;
  readonly keyRing: KeyRing;
  readonly keys: NodeKeys;
  /** The place of the store, which may be gone. */
  readonly storePlace: StorePlace;
  /** The folder of the audit log. */
  readonly auditFolder: string;
}

/** Throws a ConfigError or StorageError that says which file does not fit. */
export async function openNodeFiles(config: NodeConfig, upgrade: Upgrade): Promise<NodeFiles> {
  const files = await openMemberFiles(config);
  const { genesis, storePlace } = files;
  const openFiles = shareOpenFiles(openFilesLimit(), genesis.validators.length);
  const store = await openStore(storePlace, { openFilesMax: openFiles.storeFilesMax, upgrade });
  return { ...files, store, openFiles };
}

/** Throws a ConfigError or StorageError that says which file does not fit. */
export async function openMemberFiles(config: NodeConfig): Promise<MemberFiles> {
  refuseAbsent(config.file, "genesis", config.genesisFile);
  const genesis = loadGenesis(config.genesisFile);
  const networkId = networkIdOf(sha256, genesis);
  const self = memberOf(genesis, config);
  refuseAbsent(config.file, "data", config.dataFolder);
  const folder = await openDataFolder(config.dataFolder);
  if (!equalBytes(folder.networkId, networkId) || folder.nodeId !== self.id) {
    throw new ConfigError(
      `${config.file}: "data" is ${folder.path}, the data folder of ${folder.nodeId} in another network or of another ` +
        "node; point to the right folder or the right genesis",
    );
  }
  if (folder.engine !== config.storeEngine) {
    throw new ConfigError(
      `${config.file}: "store.engine" is "${config.storeEngine}", but ${folder.path} was made with engine ` +
        `"${folder.engine}"; write that name, or point "data" to another folder`,
    );
  }
  if (isPassphraseFile(config.passphraseFile)) {
    refuseAbsent(config.file, "passphraseFile", config.passphraseFile);
  }
  const passphrase = await loadPassphrase(config.passphraseFile);
  const keyRing = await KeyRing.open(folder.keysPath, passphrase);
  passphrase.fill(0);
  const keys = await loadNodeKeys(keyRing);
  const fits =
    equalBytes(keys.identity.publicKey, self.identityKey) &&
    equalBytes(keys.custody.publicKey, self.custodyKey);
  if (!fits) {
    throw new ConfigError(
      `${config.file}: the keys in ${folder.keysPath} are not those of ${self.id} in ${config.genesisFile}; ` +
        'name the right "data", "node" or "genesis"',
    );
  }
  const { engine, storePath: location } = folder;
  const storePlace = { engine, location, identity: { networkId } };
  const { auditPath: auditFolder } = folder;
  return { genesis, networkId, self, keyRing, keys, storePlace, auditFolder };
}

export function memberOf({ validators }: Genesis, config: NodeConfig): Validator {
  const self = validators.find(({ id }) => id === config.node);
  if (self === undefined) {
    const names = validators.map(({ id }) => id).join(", ");
    throw new ConfigError(
      `${config.file}: "node" is no node of the genesis; its nodes are ${names}`,
    );
  }
  for (const peer of config.peerAddresses.keys()) {
    if (validators.some(({ id }) => id === peer && id !== config.node)) continue;
    throw new ConfigError(
      `${config.file}: "peers.${peer}" is no other node of the genesis; name one of its nodes, or leave it out`,
    );
  }
  return self;
}
