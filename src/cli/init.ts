/** `countersign init`: makes a node that can be started, from an operator's keys and the genesis. */
import { copyFileSync, existsSync, rmdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Genesis, networkIdOf } from "../ledger/genesis.ts";
import { sha256 } from "../node/base/crypto.ts";
import { encodeConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { loadNodeKeys } from "../node/files/node-keys.ts";
import { type Bytes, equalBytes, toHex, utf8 } from "../primitives/bytes.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { LISTEN_FORM, parseNetworkAddress } from "../primitives/network-address.ts";
import { shellWord } from "../primitives/shell-word.ts";
import type { Validator } from "../primitives/validators.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { createDataFolder, stateOf } from "../storage/data-folder.ts";
import { KeyRing } from "../storage/key-ring.ts";
import { loadPassphrase } from "../storage/passphrase.ts";
import { isPassphraseFile } from "../storage/passphrase-source.ts";
import { DEFAULT_STORE_ENGINE } from "../storage/store-engine.ts";
import { createStore } from "../storage/store-factory.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { type OperatorFolder, operatorFolder } from "./operator-folder.ts";

const NAME = "init";
const KINDS = ["identity", "custody"] as const;

export const init = defineCommand({
  name: NAME,
  example: "countersign init node1 --genesis genesis.json",
  details:
    "Run this when all operators have compared the network id. DIR is the folder that " +
    "keygen made; its keys move into the data folder. Then start the node: countersign " +
    "node --config DIR/config.json.",
  operands: [{ name: "DIR", summary: "the folder that keygen made" }],
  options: {
    genesis: {
      kind: "text",
      value: "FILE",
      summary: "the genesis that all operators agreed on",
      fallback: "genesis.json",
    },
    "client-listen": {
      kind: "text",
      value: "H:P",
      summary: "where to listen for clients (default: as in the genesis)",
    },
    "peer-listen": {
      kind: "text",
      value: "H:P",
      summary: "where to listen for nodes (default: as in the genesis)",
    },
    "client-certificate": {
      kind: "text",
      value: "FILE",
      summary: "the client listener's TLS certificate (default: tls-certificate.pem in DIR)",
    },
    "client-key": {
      kind: "text",
      value: "FILE",
      summary: "the client listener's TLS key (default: tls-key.pem in DIR)",
    },
    "passphrase-file": {
      kind: "text",
      value: "FILE",
      summary: "as given to keygen (default: passphrase in DIR)",
    },
  },
  run: async ({ values, operands }, terminal) => {
    for (const name of ["client-listen", "peer-listen"] as const) checkListen(name, values[name]);
    const folder = resolve(operands[0] ?? "");
    const files = operatorFolder(folder);
    const passphraseFile = passphraseSource(values["passphrase-file"] ?? files.passphrase);
    if (existsSync(files.config)) {
      throw new CommandError(
        `${NAME}: ${files.config} exists: this node is set up; start it by countersign node --config ${shellWord(files.config)}`,
      );
    }
    const { networkId, self } = await moveKeysIntoData({
      folder,
      passphraseFile,
      genesis: values.genesis,
    });
    if (resolve(values.genesis) !== files.genesis) copyFileSync(values.genesis, files.genesis);
    const near = (path: string) => relative(folder, resolve(path)) || ".";
    const config = encodeConfig({
      node: self.id,
      genesis: near(files.genesis),
      data: near(files.data),
      passphraseFile: isPassphraseFile(passphraseFile) ? near(passphraseFile) : passphraseFile,
      clientListen: values["client-listen"] ?? self.clientAddress,
      clientCertificate:
        values["client-certificate"] === undefined
          ? "tls-certificate.pem"
          : near(values["client-certificate"]),
      clientKey: values["client-key"] === undefined ? "tls-key.pem" : near(values["client-key"]),
      peerListen: values["peer-listen"] ?? self.peerAddress,
      access: { tokens: true },
      logLevel: "info",
    });
    await writeFileDurably(files.config, utf8(config), PUBLIC_FILE_MODE);
    terminal.answer({
      value: { node: self.id, networkId, config: files.config, data: files.data },
      text:
        `${self.id} is set up for network ${networkId}.\n` +
        `Start it by: countersign node --config ${shellWord(files.config)}`,
    });
    return EXIT.ok;
  },
});

function passphraseSource(text: string): string {
  return isPassphraseFile(text) ? resolve(text) : text;
}

function checkListen(name: string, text: string | undefined): void {
  if (text === undefined || parseNetworkAddress(text) !== undefined) return;
  throw usage(`${NAME}: --${name} is "${text}", but must be ${LISTEN_FORM}`);
}

/** The inputs of a data folder. */
interface Setup {
  readonly folder: string;
  readonly files: OperatorFolder;
  readonly genesisFile: string;
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
  readonly passphrase: Bytes;
}

/** The member whose keys are in the folder; they are in its data folder when this settles. After a crash, run it again. */
async function moveKeysIntoData(parts: {
  readonly folder: string;
  readonly passphraseFile: string;
  readonly genesis: string;
}): Promise<{ readonly networkId: string; readonly self: Validator }> {
  const { folder } = parts;
  const files = operatorFolder(folder);
  const isMade = await isDataMade(folder, files);
  const genesis = loadGenesis(parts.genesis);
  const networkId = networkIdOf(sha256, genesis);
  const passphrase = await loadPassphrase(parts.passphraseFile);
  const setup = { folder, files, genesisFile: parts.genesis, genesis, networkId, passphrase };
  const ring = await KeyRing.open(isMade ? join(files.data, "keys") : files.keys, passphrase);
  const self = await memberOf(ring, setup);
  if (!isMade) await createData(ring, setup, self);
  await ring.close();
  // The copies are synced.
  await removeOriginals(files.keys, passphrase);
  passphrase.fill(0);
  return { networkId: toHex(networkId), self };
}

/** True if an earlier run made the data folder. Throws CommandError if there are no keys to make it from. */
async function isDataMade(folder: string, files: OperatorFolder): Promise<boolean> {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new CommandError(`${NAME}: ${folder} is no folder; name the one that keygen made`);
  }
  const state = await stateOf(files.data);
  if (state === "foreign") {
    throw new CommandError(
      `${NAME}: ${files.data} holds other files than a node's data; move them away, and leave an empty folder or none`,
    );
  }
  if (state === "absent" && !existsSync(files.keys)) {
    throw new CommandError(
      `${NAME}: ${folder} holds no keys; make them by countersign keygen --out ${shellWord(folder)}`,
    );
  }
  return state === "complete";
}

async function memberOf(
  ring: KeyRing,
  { folder, genesisFile, genesis }: Setup,
): Promise<Validator> {
  const { identity, custody } = await loadNodeKeys(ring);
  const self = genesis.validators.find(({ identityKey, custodyKey }) => {
    return equalBytes(identityKey, identity.publicKey) && equalBytes(custodyKey, custody.publicKey);
  });
  if (self !== undefined) return self;
  throw new CommandError(
    `${NAME}: no member of ${genesisFile} has the keys of ${folder}; was this node's member.json composed in?`,
  );
}

/** A data folder with copies of the keys of `ring` and an empty store. */
async function createData(
  ring: KeyRing,
  { files, networkId, passphrase }: Setup,
  self: Validator,
): Promise<void> {
  const engine = DEFAULT_STORE_ENGINE;
  const owner = { networkId, nodeId: self.id, engine };
  await createDataFolder(files.data, owner, async ({ keysPath, storePath }) => {
    const copy = await KeyRing.open(keysPath, passphrase);
    await copyKeys(ring, copy);
    await copy.close();
    await (await createStore({ engine, location: storePath, identity: { networkId } })).close();
  });
}

async function copyKeys(from: KeyRing, to: KeyRing): Promise<void> {
  for (const kind of KINDS) {
    const { secret, publicKey } = await from.load(kind, kind);
    await to.save({ name: kind, kind, publicKey }, secret);
    secret.fill(0);
  }
}

async function removeOriginals(folder: string, passphrase: Bytes): Promise<void> {
  if (!existsSync(folder)) return;
  const ring = await KeyRing.open(folder, passphrase);
  for (const kind of KINDS) await ring.destroy(kind);
  await ring.close();
  rmdirSync(folder);
}
