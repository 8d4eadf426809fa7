/** A network of nodes in one process, wired by the in-memory router transport: the default test bed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Client,
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { type Caller, OPEN_CALLER } from "../../src/access/principal.ts";
import {
  type Genesis,
  type GenesisLimits,
  type GenesisTimings,
  networkIdOf,
  type RulesetStart,
} from "../../src/ledger/genesis.ts";
import { ALL_RULES } from "../../src/ledger/rulesets.ts";
import { type SigningKey, sha256 } from "../../src/node/base/crypto.ts";
import { createLog } from "../../src/node/base/log.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { realSystem, type System } from "../../src/node/base/system.ts";
import { Node } from "../../src/node/node.ts";
import type { NodeParts } from "../../src/node/node-parts.ts";
import type { SecretKeys } from "../../src/node/sealing/ceremony-keys.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { Validator } from "../../src/primitives/validators.ts";
import type { AuditSink } from "../../src/storage/audit-trail.ts";
import type { Store } from "../../src/storage/contracts.ts";
import { KeyRing } from "../../src/storage/key-ring.ts";
import { MemoryDisk, openMemoryStore } from "../../src/storage/memory-store.ts";
import { fromCaller } from "../../src/transport/call-gate.ts";
import { asCaller } from "../../src/transport/caller.ts";
import { createLedgerService, createLedgerStreams } from "../../src/transport/ledger-service.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { createPeerClient, type PeerClient } from "../../src/transport/peer-client.ts";
import { createPeerService } from "../../src/transport/peer-service.ts";
import { throwingStreams } from "../../src/transport/stream-service.ts";
import { createSubmitService } from "../../src/transport/submit-service.ts";
import { throwing } from "../../src/transport/unary-service.ts";
import { engineInlineOn } from "./inline-engine.ts";
import { memoryAudit } from "./memory-audit.ts";
import { namedSigningKey } from "./operations.ts";
import { validatorOf } from "./validator.ts";

/** The passphrase is random enough for a test; deriving its key should take no time. */
const CHEAP = { cost: 2, blockSize: 8, parallelization: 1 };

export interface ClusterOptions {
  readonly nodes?: number;
  readonly logLevel?: "debug" | "warn" | "silent";
  readonly limits?: Partial<GenesisLimits>;
  readonly timings?: Partial<GenesisTimings>;
  /** Absent: all rules from the first block on; empty: a genesis without the field. */
  readonly rulesets?: readonly RulesetStart[];
  /** Observes every call between nodes; `callerOf` of the context values names the caller. */
  readonly peerInterceptor?: Interceptor;
  /** The storage engine of a node; absent: a plain one. */
  readonly diskOf?: (index: number) => MemoryDisk;
  /** Changes the node's answers to its peers; absent: none. */
  readonly asSeen?: (index: number, api: PeerApi) => PeerApi;
  /** A start takes a snapshot only if that saves executing this many blocks; absent: never. */
  readonly snapshotBlocksMin?: number;
  /** The newest blocks that a node keeps, asked at each of its starts; absent: all. */
  readonly keepBlocksOf?: (index: number) => number | undefined;
  /** Time and randomness of a node; absent: the machine's. */
  readonly systemOf?: (index: number) => System;
  /** The calls of a node to a peer; absent: by the router transport. */
  readonly clientOf?: (index: number, peer: Validator, onAnswer?: () => void) => PeerClient;
  /** The capabilities of a node, asked at each of its starts; absent: all that this software has. */
  readonly capabilitiesOf?: (index: number) => NodeParts["capabilities"];
  /** The expiry of a node's certificate for clients, asked for each time; absent: never. */
  readonly certificateEndsAt?: (index: number) => number;
  /** Takes the audit log of a node, a new one at each of its starts; absent: memory. */
  readonly auditOf?: (index: number) => AuditSink;
  /** Wraps a node's key ring at each of its starts; absent: no wrapper. */
  readonly keysOf?: (index: number, ring: SecretKeys) => SecretKeys;
}

export type GatewayClient = Client<typeof LedgerService>;

interface Member {
  readonly validator: Validator;
  readonly identity: SigningKey;
  readonly custodyKey: SigningKey;
  readonly disk: MemoryDisk;
  readonly keys: string;
  run?: Run | undefined;
}

/** A member while it runs. */
interface Run {
  readonly store: Store;
  readonly node: Node;
  /** Aborts all calls to it, as a closing listener does. */
  readonly end: AbortController;
}

export class Cluster {
  readonly genesis: Genesis;
  readonly #members: readonly Member[];
  readonly #options: ClusterOptions;
  readonly #folder: string;
  readonly failures: unknown[] = [];

  private constructor(options: ClusterOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#members = Array.from({ length: options.nodes ?? 4 }, (_, i) => {
      return member(i, folder, options.diskOf?.(i) ?? new MemoryDisk());
    });
    const validators = this.#members.map(({ validator }) => validator);
    this.genesis = testGenesis(validators, options);
  }

  /** A cluster whose nodes have all been started; it waits for nothing. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = await Cluster.prepare(options);
    for (let i = 0; i < cluster.size; i++) await cluster.startNode(i);
    return cluster;
  }

  /** No node started yet. */
  static async prepare(options: ClusterOptions = {}): Promise<Cluster> {
    return new Cluster(options, await mkdtemp(join(tmpdir(), "countersign-cluster-")));
  }

  get size(): number {
    return this.#members.length;
  }

  node(index: number): Node {
    return this.#run(index).node;
  }

  store(index: number): Store {
    return this.#run(index).store;
  }

  /** The storage engine of the node, running or not. */
  disk(index: number): MemoryDisk {
    return this.#member(index).disk;
  }

  isRunning(index: number): boolean {
    return this.#member(index).run !== undefined;
  }

  /** A client of the node as it runs now; after a restart a new client is needed. */
  client(index: number, caller: Caller = OPEN_CALLER): GatewayClient {
    const { node, end } = this.#run(index);
    const transport = createRouterTransport(
      (router) =>
        router.service(LedgerService, {
          ...throwing(createLedgerService(node.ledger)),
          ...throwingStreams(createLedgerStreams(node.ledger)),
          ...createSubmitService({ api: node.ledger }),
        }),
      { router: { interceptors: [fromCaller(caller)], shutdownSignal: end.signal } },
    );
    return createClient(LedgerService, transport);
  }

  /** PeerService as `caller` reaches it; without a caller, as a stranger does. */
  peerTransport(index: number, caller?: number): Transport {
    const { node, end } = this.#run(index);
    const { peerInterceptor, asSeen = (_: number, api: PeerApi) => api } = this.#options;
    const interceptors = [
      ...(caller === undefined ? [] : [asCaller(validatorIndex(caller))]),
      ...(peerInterceptor === undefined ? [] : [peerInterceptor]),
    ];
    return createRouterTransport(
      (router) => router.service(PeerService, createPeerService(asSeen(index, node.peers))),
      { router: { interceptors, shutdownSignal: end.signal } },
    );
  }

  /** `signal` ends a start that takes long. */
  async startNode(index: number, signal?: AbortSignal): Promise<void> {
    const own = this.#member(index);
    const identity = { networkId: networkIdOf(sha256, this.genesis) };
    const store = await openMemoryStore({ identity, disk: own.disk });
    const ring = await KeyRing.open(own.keys, utf8("a passphrase of a test"), CHEAP);
    const node = await Node.open({
      genesis: this.genesis,
      self: own.validator.index,
      identity: own.identity,
      custodyKey: own.custodyKey,
      keyRing: this.#options.keysOf?.(index, ring) ?? ring,
      audit: memoryAudit(this.#options.auditOf?.(index)),
      store,
      checker: inlineChecker,
      system: this.#options.systemOf?.(index) ?? realSystem,
      log: createLog(own.validator.id, this.#options.logLevel ?? "silent"),
      version: "test",
      capabilities: this.#options.capabilitiesOf?.(index),
      certificate: this.#certificateOf(index),
      openEngine: engineInlineOn(realSystem),
      clientOf: (peer, onAnswer) =>
        this.#options.clientOf?.(index, peer, onAnswer) ??
        createPeerClient(this.#transportTo(peer.index, index)),
      fail: (error) => this.failures.push(error),
      keepBlocks: this.#options.keepBlocksOf?.(index),
      snapshotBlocksMin: this.#options.snapshotBlocksMin ?? Number.MAX_SAFE_INTEGER,
      signal,
    }).catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    own.run = { store, node, end: new AbortController() };
    node.start();
  }

  /** Stops a node. With `crash`, its disk is gone first, and everything not synced is lost. */
  async stopNode(index: number, crash = false): Promise<void> {
    const own = this.#member(index);
    const { run } = own;
    if (run === undefined) return;
    own.run = undefined;
    if (crash) own.disk.crash();
    run.end.abort();
    await run.node.stop();
    if (!crash) await run.store.close();
  }

  async stop(): Promise<void> {
    for (let i = 0; i < this.size; i++) await this.stopNode(i);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #member(index: number): Member {
    const own = this.#members[index];
    if (own === undefined) throw new Error(`there is no node ${index}`);
    return own;
  }

  #certificateOf(index: number): { readonly endsAt: number } {
    const { certificateEndsAt } = this.#options;
    return {
      get endsAt() {
        return certificateEndsAt?.(index) ?? Number.POSITIVE_INFINITY;
      },
    };
  }

  #run(index: number): Run {
    const { run } = this.#member(index);
    if (run === undefined) throw new ConnectError(`node ${index} is down`, Code.Unavailable);
    return run;
  }

  /** Leads each call to the node that runs at that moment, as an address does. */
  #transportTo(index: number, caller: number): Transport {
    const transports = new WeakMap<Run, Transport>();
    const current = () => {
      const run = this.#run(index);
      const held = transports.get(run) ?? this.peerTransport(index, caller);
      transports.set(run, held);
      return held;
    };
    return {
      unary: async (...call) => await current().unary(...call),
      stream: async (...call) => await current().stream(...call),
    };
  }
}

function member(index: number, folder: string, disk: MemoryDisk): Member {
  const identity = namedSigningKey(`identity ${index}`);
  const custodyKey = namedSigningKey(`custody ${index}`);
  return {
    validator: validatorOf(index, {
      identityKey: identity.publicKey,
      custodyKey: custodyKey.publicKey,
    }),
    identity,
    custodyKey,
    disk,
    keys: join(folder, `keys${index}`),
  };
}

function testGenesis(
  validators: readonly Validator[],
  {
    limits,
    timings,
    rulesets = ALL_RULES,
  }: Pick<ClusterOptions, "limits" | "timings" | "rulesets">,
): Genesis {
  return {
    createdAt: Date.now() - 1000,
    validators,
    assets: [
      { code: "EUR", scale: 2 },
      { code: "USD", scale: 2 },
    ],
    issuers: validators.map(({ custodyKey }) => custodyKey),
    limits: {
      blockOperationsMax: 1000,
      blockBytesMax: 1024 * 1024,
      sponsoredPerBlockMax: 100,
      unfundedPerSponsorMax: 1_000,
      ...limits,
    },
    timings: {
      graceMs: 5_000,
      lifetimeMsMax: 3_600_000,
      clockSkewMs: 5_000,
      viewTimeoutMs: 600,
      viewTimeoutMsMax: 10_000,
      sealTimeoutMs: 400,
      ceremonyTimeoutMs: 20_000,
      ...timings,
    },
    ...(rulesets.length === 0 ? {} : { rulesets }),
  };
}
