/** One node of a watched network: its listeners, its metrics page, and what a test may break of it. */
import { request } from "node:http";
import { join } from "node:path";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { type NodeAccess, openNodeAccess } from "../../src/node/access/node-access.ts";
import { sha256, verify } from "../../src/node/base/crypto.ts";
import { createLog } from "../../src/node/base/log.ts";
import { MemoryWatch, readMemory } from "../../src/node/base/memory.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { realSystem, watchLoopDelay } from "../../src/node/base/system.ts";
import type { AuthorizationServerConfig } from "../../src/node/files/authorization-config.ts";
import { CallFigures } from "../../src/node/metrics/call-figures.ts";
import { Metrics } from "../../src/node/metrics/metrics.ts";
import { readingsOfProcess } from "../../src/node/metrics/process-readings.ts";
import { OwnCertificates } from "../../src/node/operator/own-certificates.ts";
import { PeerDialing } from "../../src/node/peers/peer-dialing.ts";
import { WebhookSecrets } from "../../src/node/sinks/webhook-secrets.ts";
import { Webhooks } from "../../src/node/sinks/webhooks.ts";
import { equalBytes, utf8 } from "../../src/primitives/bytes.ts";
import type { Validator } from "../../src/primitives/validators.ts";
import { AuditFiles } from "../../src/storage/audit-files.ts";
import { KeyRing } from "../../src/storage/key-ring.ts";
import type { StoreSpace } from "../../src/storage/store-engine.ts";
import { openBounds, operatorBounds } from "../../src/transport/caller-bounds.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import { type ClientListener, openClientListener } from "../../src/transport/client-listener.ts";
import {
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import type { LedgerApi } from "../../src/transport/ledger-api.ts";
import { openOperatorListener } from "../../src/transport/operator-listener.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import type { PeerClient } from "../../src/transport/peer-client.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { AUDIENCE, ISSUER, type KeySetServer } from "../node/access/authorization-server.ts";
import { until } from "../node/network.ts";
import type { Cluster } from "../support/cluster.ts";
import { memoryAudit } from "../support/memory-audit.ts";
import { namedSigningKey } from "../support/operations.ts";
import { twistedApi } from "../support/twisted-api.ts";
import { createOperatorDouble } from "../transport/operator-double.ts";

export interface WatchedPlace {
  readonly cluster: Cluster;
  readonly index: number;
  /** Folder for sockets and audit logs. */
  readonly home: string;
  /** Signs the certificates that clients see. */
  readonly authority: CertificateAndKey;
  /** Where nodes dial one another, by node id. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly clientPort: number;
  readonly peerPort: number;
}

const HOST = "127.0.0.1";
const NEW_CERTIFICATE_DAYS = 90;
/** The key of a test's folder takes no time. */
const CHEAP = { cost: 2, blockSize: 8, parallelization: 1 };
/** Reached within a few custodial acts. */
const AUDIT_LIMITS = { fileBytesMax: 300, filesMax: 1 };
const AMPLE: StoreSpace = { used: 1e6, free: 1e12 };

const log = createLog("watched", "silent");

export class WatchedNode {
  readonly #place: WatchedPlace;
  readonly audit: AuditFiles;
  readonly auditFolder: string;
  readonly #certificates: OwnCertificates;
  readonly #memory: MemoryWatch;
  readonly #process = readingsOfProcess(watchLoopDelay());
  readonly #calls = new CallFigures(realSystem);
  readonly #peerCertificate: CertificateAndKey;
  #leaf: CertificateAndKey;
  #dialing: PeerDialing | undefined;
  #run: Run | undefined;
  #lookAtMemory = (): void => undefined;
  #passedMs = 0;
  /** Replaces answers to peers. */
  twist: ((honest: PeerApi) => Partial<PeerApi>) | undefined;
  /** Used memory and disk as the node reads them. */
  readMemory = readMemory;
  space = AMPLE;
  /** Every call of GetNetwork throws it. */
  fault: Error | undefined;

  private constructor(
    place: WatchedPlace,
    parts: {
      readonly audit: AuditFiles;
      readonly auditFolder: string;
      readonly leaf: CertificateAndKey;
      readonly peerCertificate: CertificateAndKey;
    },
  ) {
    this.#place = place;
    this.audit = parts.audit;
    this.auditFolder = parts.auditFolder;
    this.#leaf = parts.leaf;
    this.#peerCertificate = parts.peerCertificate;
    this.#certificates = new OwnCertificates([shown(parts.leaf)], { system: realSystem, log });
    this.#memory = new MemoryWatch({
      read: () => this.readMemory(),
      // Its readings are five seconds apart; here the test says when each is due.
      after: (_, action) => {
        this.#lookAtMemory = action;
        return () => undefined;
      },
      log,
    });
    this.#memory.start();
  }

  static async prepare(place: WatchedPlace): Promise<WatchedNode> {
    const { cluster, index, home, authority } = place;
    const auditFolder = join(home, `audit${index}`);
    const { files: audit } = await AuditFiles.open(auditFolder, sha256, {
      limits: AUDIT_LIMITS,
      onRemoval: () => undefined,
    });
    const peerCertificate = await createPeerCertificate({
      networkId: networkIdOf(sha256, cluster.genesis),
      ...namedSigningKey(`identity ${index}`),
    });
    const leaf = await leafOf(authority, NEW_CERTIFICATE_DAYS);
    return new WatchedNode(place, { audit, auditFolder, leaf, peerCertificate });
  }

  get name(): string {
    return `node${this.#place.index + 1}`;
  }

  get clientUrl(): string {
    return `https://${HOST}:${this.#place.clientPort}`;
  }

  get ca(): string {
    return this.#place.authority.certificate;
  }

  get certificateEndsAt(): number {
    return this.#certificates.endsAt;
  }

  get access(): NodeAccess {
    if (this.#run === undefined) throw new Error(`${this.name} is down`);
    return this.#run.access;
  }

  get webhooks(): Webhooks {
    if (this.#run === undefined) throw new Error(`${this.name} is down`);
    return this.#run.webhooks;
  }

  clientOf(peer: Validator, onAnswer?: () => void): PeerClient {
    if (this.#dialing === undefined) throw new Error(`${this.name} is down`);
    return this.#dialing.clientOf(peer, onAnswer);
  }

  async start(): Promise<void> {
    const { cluster, index } = this.#place;
    this.#dialing = this.dial();
    await cluster.startNode(index);
    const access = await openNodeAccess({
      config: { file: "config.json", access: ACCESS },
      store: cluster.store(index),
      system: { ...realSystem, monotonic: () => realSystem.monotonic() + this.#passedMs },
      log,
    });
    const webhooks = await this.#openWebhooks();
    const [peers, clients, operator] = [
      await this.#openPeers(),
      await this.#openClients(access),
      await this.#openOperator(access, webhooks),
    ];
    webhooks.start();
    this.#run = { access, webhooks, clients, listeners: [peers, clients, operator] };
  }

  /** Ends its process: every port is closed. */
  async stop(): Promise<void> {
    const { cluster, index } = this.#place;
    const run = this.#run;
    this.#run = undefined;
    await Promise.all((run?.listeners ?? []).map((listener) => listener.close(0)));
    run?.access.close();
    await run?.webhooks.stop();
    await cluster.stopNode(index);
    this.#dialing?.close();
  }

  /** A way to the peers with this member's key, beside the node. */
  dial(): PeerDialing {
    const { cluster, addresses } = this.#place;
    return new PeerDialing({
      networkId: networkIdOf(sha256, cluster.genesis),
      certificate: this.#peerCertificate,
      addresses,
      system: realSystem,
      log,
    });
  }

  /** Shows clients a new certificate, as a reload does. */
  async renewCertificate(days = NEW_CERTIFICATE_DAYS): Promise<void> {
    this.#leaf = await leafOf(this.#place.authority, days);
    this.#run?.clients.renew(this.#leaf);
    this.#certificates.replace([shown(this.#leaf)]);
  }

  /** A minute passes for the watch of its memory. */
  passMinute(): void {
    for (let reading = 0; reading < 12; reading++) this.#lookAtMemory();
  }

  /** An hour passes for its access control and for its webhooks. */
  passHour(): void {
    this.#passedMs += 3_600_000;
  }

  async #openWebhooks(): Promise<Webhooks> {
    const { cluster, index, home } = this.#place;
    const ring = await KeyRing.open(join(home, `webhooks${index}`), utf8("a passphrase"), CHEAP);
    return await Webhooks.open({
      records: cluster.store(index).webhooks,
      secrets: new WebhookSecrets(ring),
      feed: cluster.node(index).feed,
      system: { ...realSystem, wall: () => realSystem.wall() + this.#passedMs },
      log,
      fail: (error) => cluster.failures.push(error),
    });
  }

  /** Trusts this server, as a reload does; settles when the server was asked for its keys. */
  async trust({ url, authority }: KeySetServer): Promise<void> {
    const asked = () => {
      return this.access.keySets().reduce((sum, { source }) => {
        const { succeeded = 0, failed = 0 } = source.figures() ?? {};
        return sum + succeeded + failed;
      }, 0);
    };
    const before = asked();
    const config = { ...SERVER, jwks: { url } };
    this.access.renew({ ...RIGHTS, authorizationServers: [{ config, keys: { url, authority } }] });
    await until("the keys are asked for", async () => asked() > before);
  }

  distrust(): void {
    this.access.renew({ ...RIGHTS, authorizationServers: [] });
  }

  /** The page /metrics, over HTTP from the operator's socket; rejects if the node does not answer. */
  scrape(): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socket, path: "/metrics" }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (part: string) => {
          text += part;
        });
        answer.once("end", () => {
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`status ${answer.statusCode}`));
        });
        answer.once("error", reject);
      });
      asked.once("error", reject);
      asked.end();
    });
  }

  get #socket(): string {
    return join(this.#place.home, `${this.name}.sock`);
  }

  #openPeers() {
    const { cluster, index, peerPort: port } = this.#place;
    const { peers } = cluster.node(index);
    const { validators } = cluster.genesis;
    return openPeerListener({
      host: HOST,
      port,
      certificate: this.#peerCertificate,
      check: { networkId: networkIdOf(sha256, cluster.genesis), verify },
      members: validators.length,
      memberOf: (key) => validators.find(({ identityKey }) => equalBytes(identityKey, key))?.index,
      api: twistedApi(peers, () => this.twist?.(peers) ?? {}),
      observer: this.#calls.observer("peer"),
      log,
      onFailure: (error) => cluster.failures.push(error),
      now: realSystem.monotonic,
    });
  }

  #openClients(access: NodeAccess): Promise<ClientListener> {
    const { cluster, index, clientPort: port } = this.#place;
    const { ledger, peers, ownerKeys: wallets } = cluster.node(index);
    const authenticator = access.createAuthenticator({
      networkId: networkIdOf(sha256, cluster.genesis),
      node: cluster.genesis.validators[index]?.id ?? "",
      wallets,
      checker: inlineChecker,
    });
    return openClientListener({
      host: HOST,
      port,
      ...this.#leaf,
      ledger: this.#faulty(ledger),
      authenticator,
      peers,
      observer: this.#calls.observer("client"),
      log,
      onFailure: () => undefined,
      bounds: openBounds(realSystem.monotonic, 600),
    });
  }

  /** A program with a fault in one call, while there is one. */
  #faulty(ledger: LedgerApi): LedgerApi {
    return new Proxy(ledger, {
      get: (target, name) => {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== "function") return call;
        return (...args: unknown[]) => {
          if (name === "getNetwork" && this.fault !== undefined) throw this.fault;
          return call.apply(target, args);
        };
      },
    });
  }

  #openOperator({ guesses, tokens, keySets }: NodeAccess, webhooks: Webhooks) {
    const { cluster, index } = this.#place;
    const metrics = new Metrics({
      node: { ...cluster.node(index).observed, memory: this.#memory },
      calls: this.#calls,
      audit: memoryAudit(),
      auditFiles: this.audit,
      access: { guesses, tokens, keySets },
      sinks: { list: () => webhooks.states(), now: () => realSystem.wall() + this.#passedMs },
      process: this.#process,
      disk: { space: async () => this.space },
    });
    return openOperatorListener({
      path: this.#socket,
      api: createOperatorDouble(),
      metrics,
      audit: { called: async () => undefined },
      notReadyBecause: () => undefined,
      observer: this.#calls.observer("operator"),
      bounds: operatorBounds(realSystem.monotonic),
      log,
      onFailure: () => undefined,
    });
  }
}

interface Run {
  readonly access: NodeAccess;
  readonly webhooks: Webhooks;
  readonly clients: ClientListener;
  readonly listeners: readonly { close(drainMs: number): Promise<void> }[];
}

const RIGHTS = { clientScopes: new Map() };
const ACCESS = { ...RIGHTS, publicReads: false, tokens: true, authorizationServers: [] };

const SERVER: Omit<AuthorizationServerConfig, "jwks"> = {
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithms: ["ES256"],
  types: ["at+jwt"],
  scopeClaim: "scope",
  meaning: { prefix: "countersign:" },
  clockToleranceMs: 0,
};

function leafOf(authority: CertificateAndKey, days: number): Promise<CertificateAndKey> {
  return createListenerCertificate(authority, LOOPBACK_HOSTS, { now: Date.now(), days });
}

function shown({ certificate }: CertificateAndKey) {
  return { configKey: "clientCertificate", file: "certificate.pem", pem: certificate };
}
