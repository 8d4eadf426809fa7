/** A node as an operating-system process: opens files and ports, and closes everything in order. */

import { epochAt, membersOf } from "../ledger/epochs.ts";
import { formatGenesis } from "../ledger/genesis-json.ts";
import { InvariantViolation } from "../primitives/assert.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { isNumericHost, parseNetworkAddress } from "../primitives/network-address.ts";
import { height } from "../primitives/numbers.ts";
import { StorageCorruption, StorageError } from "../storage/storage-errors.ts";
import type { Authenticator } from "../transport/authenticator.ts";
import { type CallerBounds, clientBounds, openBounds } from "../transport/caller-bounds.ts";
import type { CertificateAndKey } from "../transport/certificate-keys.ts";
import { type ClientListener, openClientListener } from "../transport/client-listener.ts";
import { explorerPages } from "../transport/explorer-pages.ts";
import { MemberAddresses } from "../transport/member-addresses.ts";
import { createPeerCertificate } from "../transport/peer-certificate.ts";
import { openPeerListener } from "../transport/peer-listener.ts";
import type { Listener } from "../transport/tls-listener.ts";
import { type NodeAccess, openNodeAccess } from "./access/node-access.ts";
import { verify } from "./base/crypto.ts";
import { boundedLog, createLog, type Log, LogLevels } from "./base/log.ts";
import { readMemory } from "./base/memory.ts";
import { logRefusal } from "./base/refusal-log.ts";
import { inlineChecker } from "./base/signature-checker.ts";
import { realSystem } from "./base/system.ts";
import { openAuditLog } from "./files/audit-log.ts";
import { readClientTls } from "./files/client-tls.ts";
import type { NodeConfig } from "./files/config.ts";
import { type NodeFiles, openNodeFiles } from "./files/node-files.ts";
import { openedPort } from "./files/opened-port.ts";
import { upgradeLog } from "./files/upgrade-log.ts";
import { CallFigures } from "./metrics/call-figures.ts";
import { metricsOfProcess } from "./metrics/process-metrics.ts";
import { Node } from "./node.ts";
import type { NodeParts } from "./node-parts.ts";
import { certificateFileOf, OwnCertificates } from "./operator/own-certificates.ts";
import { openOperatorSide } from "./operator-side.ts";
import { PeerDialing, type PeerDialingParts } from "./peers/peer-dialing.ts";
import { engineInThread } from "./sealing/seal-thread.ts";
import { openSinks } from "./sinks-side.ts";
import { openTraces } from "./traces-side.ts";

/** The time that running calls get to end when the node is told to stop. */
const DRAIN_MS = 500;

export interface RunningNode {
  readonly log: Log;
  /** Takes what may change without a start: certificate, key and log level. */
  reload(): void;
  /** Settles when everything is closed and durable. */
  stop(): Promise<void>;
}

/**
 * `onFailure` is called once for a fault that stops the node; the node has stopped sending by then. `signal`
 * interrupts a start that takes long, which then throws its reason; everything done so far is durable. `capabilities`
 * limit the node, for tests of mixed versions.
 */
export async function runNode(
  config: NodeConfig,
  version: string,
  onFailure: (error: unknown) => void,
  limits: Pick<NodeParts, "signal" | "capabilities"> = {},
): Promise<RunningNode> {
  const { log, levels } = openLog(config);
  const { clientTls, certificates } = openCertificates(config, log);
  const files = await openNodeFiles(config, upgradeLog(log, realSystem.monotonic));
  const { genesis, networkId, self, keys, store } = files;
  if (files.openFiles.warning !== undefined) log.warn(files.openFiles.warning);
  const certificate = await createPeerCertificate({ networkId, ...keys.identity });
  const inStore = (error: unknown) => withFolder(error, files.storePlace.location);
  const fail = (error: unknown) => failNode(inStore(error), log, onFailure);
  const access = await openNodeAccess({ config, store, system: realSystem, log });
  const { known, peers } = openDialing(config, { networkId, certificate, log });
  const { audit, auditFiles, closeAudit } = await openAuditLog(files.auditFolder, log);
  const traces = await openTraces(config, { networkId, version, log });
  const close = async () => {
    access.close();
    peers.close();
    await traces?.close();
    await closeAudit();
    await store.close();
    await files.keyRing.close();
  };
  const node = await Node.open({
    genesis,
    self: self.index,
    identity: keys.identity,
    custodyKey: keys.custody,
    keyRing: files.keyRing,
    unownedWallets: config.access?.unownedWallets,
    audit,
    store,
    checker: inlineChecker,
    system: realSystem,
    log,
    version,
    certificate: certificates,
    readMemory,
    openEngine: engineInThread,
    traces: traces?.observer,
    clientOf: (peer, onAnswer) => peers.clientOf(peer, onAnswer),
    fail,
    snapshotBlocksMin: config.snapshotBlocksMin,
    keepBlocks: config.keepBlocks,
    ...limits,
  }).catch((error: unknown) => close().then(() => Promise.reject(inStore(error))));
  const sinks = await openSinks({ config, files, node, log, fail });
  const calls = new CallFigures(realSystem);
  const observed = { node: node.observed, calls, audit, auditFiles, access, sinks, traces };
  const metrics = metricsOfProcess(observed, files.storePlace);
  const authenticator = authenticatorOf(access, files, node);
  const reach = { config, clientTls, access, authenticator, webhooks: sinks.webhooks };
  const parts = { ...reach, files, node, calls, audit, log, onFailure: callFailure(log, fail) };
  const { clients, ...open } = await openListeners({ ...parts, known, certificate });
  const operator = await openOperatorSide({ ...parts, metrics, clients, certificates, levels });
  node.start();
  sinks.start();
  log.info({ version, network: toHex(networkId), ...config.clientListen }, "listening");
  const stop = async () => {
    await Promise.all([clients, open.peers, operator].map((one) => one.close(DRAIN_MS)));
    await sinks.stop();
    await node.stop();
    await close();
    log.info("stopped");
  };
  return { log, reload: operator.reload, stop };
}

function authenticatorOf(access: NodeAccess, { networkId, self }: NodeFiles, node: Node) {
  const wallets = node.ownerKeys;
  return access.createAuthenticator({ networkId, node: self.id, wallets, checker: inlineChecker });
}

function openDialing(
  { peerAddresses: addresses }: NodeConfig,
  { networkId, certificate, log }: Pick<PeerDialingParts, "networkId" | "certificate" | "log">,
) {
  const known = new MemberAddresses();
  const system = realSystem;
  return {
    known,
    peers: new PeerDialing({ networkId, certificate, addresses, known, system, log }),
  };
}

function openCertificates(config: NodeConfig, log: Log) {
  const clientTls = readClientTls(config);
  const shown = [certificateFileOf(config, clientTls)];
  const certificates = new OwnCertificates(shown, { system: realSystem, log });
  return { clientTls, certificates };
}

function openLog({ node, logLevel }: NodeConfig) {
  const whole = createLog(node, logLevel);
  const levels = new LogLevels(whole, logLevel);
  return { log: boundedLog(whole, realSystem.monotonic), levels };
}

async function openListeners(parts: {
  readonly config: NodeConfig;
  readonly clientTls: ReturnType<typeof readClientTls>;
  readonly files: NodeFiles;
  readonly node: Node;
  readonly known: MemberAddresses;
  readonly access: NodeAccess;
  readonly authenticator: Authenticator;
  readonly certificate: CertificateAndKey;
  readonly calls: CallFigures;
  readonly log: Log;
  readonly onFailure: (error: unknown, failure: string) => void;
}): Promise<{ readonly clients: ClientListener; readonly peers: Listener }> {
  const { config, clientTls, files, node, known, access, authenticator } = parts;
  const { certificate, calls, log, onFailure } = parts;
  const members = membersOf(files.genesis, epochAt(files.genesis, height(0)));
  const peers = await openedPort(config.file, "peerListen", config.peerListen, () =>
    openPeerListener({
      ...config.peerListen,
      certificate,
      check: { networkId: files.networkId, verify },
      members: members.length,
      blockBytesMax: files.genesis.limits.blockBytesMax,
      addresses: known,
      memberOf: (publicKey) => {
        const member = members.find(({ identityKey }) => {
          return equalBytes(identityKey, publicKey);
        });
        return member?.index;
      },
      api: node.peers,
      observer: calls.observer("peer"),
      log,
      onFailure,
      now: realSystem.monotonic,
    }),
  );
  const clients = await openedPort(config.file, "clientListen", config.clientListen, () =>
    openClientListener({
      ...config.clientListen,
      ...clientTls,
      names: clientNames(config, files),
      corsOrigins: config.corsOrigins,
      pages: config.explorer ? explorerPages(formatGenesis(files.genesis)) : undefined,
      connectionsMax: files.openFiles.clientConnectionsMax,
      ledger: node.ledger,
      authenticator,
      ...access.authority,
      peers: node.peers,
      observer: calls.observer("client", (call) => logRefusal(log, call)),
      log,
      onFailure,
      bounds: boundsOfClients(config, files),
    }),
  );
  return { clients, peers };
}

function boundsOfClients({ access }: NodeConfig, { genesis }: NodeFiles): CallerBounds {
  const bounds = access === undefined ? openBounds : clientBounds;
  return bounds(realSystem.monotonic, genesis.timings.viewTimeoutMs);
}

function callFailure(log: Log, fail: (error: unknown) => void) {
  return (error: unknown, failure: string): void => {
    log.error({ failure, error: describe(error) }, "a call failed");
    // A broken invariant or store stops the node; anything else that a handler throws is one call's failure.
    if (error instanceof InvariantViolation || error instanceof StorageError) fail(error);
  };
}

/** The names under which clients know this node, besides those of its certificate. */
function clientNames({ clientListen }: NodeConfig, { self }: NodeFiles): readonly string[] {
  const published = parseNetworkAddress(self.clientAddress)?.host;
  const names = [clientListen.host, ...(published === undefined ? [] : [published])];
  return names.filter((name) => !isNumericHost(name));
}

function failNode(error: unknown, log: Log, onFailure: (error: unknown) => void): void {
  log.error({ error: describe(error) }, "the node cannot go on");
  onFailure(error);
}

/** Damage of the store names its folder, which the remedy moves away. */
function withFolder(error: unknown, folder: string): unknown {
  return error instanceof StorageCorruption ? error.in(folder) : error;
}

/** The text of an error for the log: message and stack, never an object that may hold a secret. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
