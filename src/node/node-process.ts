/** A node as an operating-system process runs it: files opened, ports open, everything closed again in order. */
import { readFileSync } from "node:fs";
import { type Genesis, networkIdOf } from "../ledger/genesis.ts";
import { InvariantViolation } from "../primitives/assert.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Validator } from "../primitives/validators.ts";
import type { Store } from "../storage/contracts.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import { StorageError } from "../storage/errors.ts";
import { KeyRing } from "../storage/key-ring.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { loadPassphrase } from "../storage/passphrase.ts";
import { openClientListener } from "../transport/client-listener.ts";
import { createPeerCertificate, type PeerCertificate } from "../transport/peer-certificate.ts";
import { createPeerClient, createPeerTransport } from "../transport/peer-client.ts";
import { openPeerListener } from "../transport/peer-listener.ts";
import { PeerSession } from "../transport/peer-session.ts";
import type { Listener } from "../transport/tls-listener.ts";
import { ConfigError, type NodeConfig } from "./config.ts";
import { sha256, verify } from "./crypto.ts";
import { loadGenesis } from "./genesis-file.ts";
import { createLog, type Log } from "./log.ts";
import { Node } from "./node.ts";
import { loadNodeKeys, type NodeKeys } from "./node-keys.ts";
import { engineInThread } from "./seal-thread.ts";
import { realSystem } from "./system.ts";

/** How long running calls may go on when a node is told to stop. */
const DRAIN_MS = 500;

export interface RunningNode {
  readonly log: Log;
  /** Settles when everything is closed and durable. */
  stop(): Promise<void>;
}

interface Files {
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
  readonly self: Validator;
  readonly keyRing: KeyRing;
  readonly keys: NodeKeys;
  readonly store: Store;
}

/** `onFailure` is told once of a fault that the node cannot go on with; it has stopped speaking by then. */
export async function runNode(
  config: NodeConfig,
  version: string,
  onFailure: (error: unknown) => void,
): Promise<RunningNode> {
  const log = createLog(config.node, config.logLevel);
  const files = await openFiles(config);
  const { genesis, networkId, self, keys, store } = files;
  const certificate = await createPeerCertificate({ networkId, ...keys.identity });
  const fail = (error: unknown) => {
    log.error({ error: describe(error) }, "the node cannot go on");
    onFailure(error);
  };
  const sessions = new Map<string, PeerSession>();
  const check = { networkId, verify };
  const node = await Node.open({
    genesis,
    self: self.index,
    identity: keys.identity,
    custodyKey: keys.custody,
    keyRing: files.keyRing,
    store,
    system: realSystem,
    log,
    version,
    openEngine: engineInThread,
    clientOf: ({ id, peerAddress, identityKey }) => {
      const address = config.peerAddresses.get(id) ?? peerAddress;
      const session = new PeerSession({ address, identityKey, certificate, check, log });
      sessions.set(id, session);
      return createPeerClient(createPeerTransport(session));
    },
    fail,
  });
  const listeners = await openListeners({ config, files, node, certificate, log, fail });
  await node.start();
  log.info({ network: toHex(networkId), ...config.clientListen }, "listening");
  return {
    log,
    stop: async () => {
      await Promise.all(listeners.map((listener) => listener.close(DRAIN_MS)));
      await node.stop();
      for (const session of sessions.values()) session.close();
      await store.close();
      await files.keyRing.close();
    },
  };
}

async function openFiles(config: NodeConfig): Promise<Files> {
  const genesis = loadGenesis(config.genesisFile);
  const networkId = networkIdOf(sha256, genesis);
  const self = genesis.validators.find(({ id }) => id === config.node);
  if (self === undefined) {
    const names = genesis.validators.map(({ id }) => id).join(", ");
    throw new ConfigError(`"${config.node}" is no node of the genesis; its nodes are ${names}`);
  }
  for (const peer of config.peerAddresses.keys()) {
    if (genesis.validators.some(({ id }) => id === peer && id !== config.node)) continue;
    throw new ConfigError(
      `"peers.${peer}" is no other node of the genesis; name one of its nodes, or leave it out`,
    );
  }
  const folder = await openDataFolder(config.dataFolder);
  if (!equalBytes(folder.networkId, networkId) || folder.nodeId !== self.id) {
    throw new ConfigError(
      `${folder.path} is the data folder of ${folder.nodeId} in another network or of another ` +
        "node; point to the right folder or the right genesis",
    );
  }
  const passphrase = await loadPassphrase(config.passphraseFile);
  const keyRing = await KeyRing.open(folder.keysPath, passphrase);
  passphrase.fill(0);
  const keys = await loadNodeKeys(keyRing);
  const fits =
    equalBytes(keys.identity.publicKey, self.identityKey) &&
    equalBytes(keys.custody.publicKey, self.custodyKey);
  if (!fits) {
    throw new ConfigError(`the keys in ${folder.keysPath} are not those of ${self.id} in genesis`);
  }
  const store = await openLevelStore({ location: folder.storePath, identity: { networkId } });
  return { genesis, networkId, self, keyRing, keys, store };
}

async function openListeners(parts: {
  readonly config: NodeConfig;
  readonly files: Files;
  readonly node: Node;
  readonly certificate: PeerCertificate;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
}): Promise<Listener[]> {
  const { config, files, node, certificate, log, fail } = parts;
  const onFailure = (error: unknown) => {
    // A broken invariant or store stops the node; whatever else a handler throws is one call's failure.
    if (error instanceof InvariantViolation || error instanceof StorageError) fail(error);
    else log.error({ error: describe(error) }, "a call failed");
  };
  const peers = await openPeerListener({
    ...config.peerListen,
    certificate,
    check: { networkId: files.networkId, verify },
    memberOf: (publicKey) => {
      const member = files.genesis.validators.find(({ identityKey }) => {
        return equalBytes(identityKey, publicKey);
      });
      return member?.index;
    },
    api: node.peers,
    log,
    onFailure,
  });
  const clients = await openClientListener({
    ...config.clientListen,
    certificate: readPem(config.clientCertificateFile),
    key: readPem(config.clientKeyFile),
    ledger: node.ledger,
    peers: node.peers,
    log,
    onFailure,
  });
  return [clients, peers];
}

function readPem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${file}: cannot be read (${why})`);
  }
}

/** What the log says of an error: the message and where it came from, never an object that may hold a secret. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
