/**
 * One node: opened from its store, assembled, started and stopped. voting-side.ts, peer-side.ts and client-side.ts
 * assemble its sides; participation.ts runs the parts that start once it may speak.
 */
import type { CoreStatus } from "../consensus/core.ts";
import type { Store } from "../storage/contracts.ts";
import type { LedgerApi } from "../transport/ledger-api.ts";
import type { PeerApi } from "../transport/peer-api.ts";
import type { OwnerKeys } from "./access/wallet-signatures.ts";
import type { JournalCheck } from "./amnesia/journal-check.ts";
import { sha256 } from "./base/crypto.ts";
import type { MemoryWatch } from "./base/memory.ts";
import { type ClientSide, createClientSide } from "./client-side.ts";
import type { EventFeed } from "./clients/event-feed.ts";
import { Waiters } from "./clients/waiters.ts";
import { CommitAnnouncer } from "./commit-announcer.ts";
import { CommitLog } from "./commit-log.ts";
import { createInsight } from "./create-insight.ts";
import { Failures } from "./failures.ts";
import { type LoadedNode, loadNode } from "./load-node.ts";
import { CommitFigures } from "./metrics/commit-figures.ts";
import type { ObservedNode } from "./metrics/observed.ts";
import { capabilitiesOf, type NodeParts } from "./node-parts.ts";
import { observedNode } from "./observed-node.ts";
import type { NodeInsight } from "./operator/node-insight.ts";
import type { ConsensusDriver } from "./ordering/consensus-driver.ts";
import { Participation } from "./participation.ts";
import { createPeerSide, type PeerSide } from "./peer-side.ts";
import { PeerContacts } from "./peers/peer-contacts.ts";
import { PeerSoftware } from "./peers/peer-software.ts";
import { Sealing } from "./sealing/sealing.ts";
import { RepairedBlocks } from "./sync/block-repair.ts";
import { BlockVerifier } from "./sync/block-verifier.ts";
import { RepairedSeals } from "./sync/seal-repair.ts";
import { createVotingSide, type VotingSide } from "./voting-side.ts";

export interface Sides {
  readonly contacts: PeerContacts;
  readonly voting: VotingSide;
  readonly sealing: Sealing;
  readonly peers: PeerSide;
  readonly clients: ClientSide;
  readonly insight: NodeInsight;
  readonly waiters: Waiters;
  readonly commits: CommitFigures;
}

export class Node {
  readonly #failures: Failures;
  readonly #driver: ConsensusDriver;
  readonly #check: JournalCheck;
  readonly #participation: Participation;
  readonly #memory: MemoryWatch;
  readonly #measuresMemory: boolean;

  /** The calls that clients may make. */
  readonly ledger: LedgerApi;
  /** The events of the ledger, for the sinks of this process. */
  readonly feed: EventFeed;
  /** The keys by which owners of wallets prove themselves. */
  readonly ownerKeys: OwnerKeys;
  /** The calls that other nodes may make. */
  readonly peers: PeerApi;
  /** The node as its operator sees it. */
  readonly insight: NodeInsight;
  /** The numbers that metrics show. */
  readonly observed: ObservedNode;

  private constructor(parts: NodeParts, loaded: LoadedNode, failures: Failures) {
    const all = createSides(parts, loaded);
    const { voting, clients, ...sides } = all;
    this.#failures = failures;
    this.#driver = voting.driver;
    this.#check = sides.peers.check;
    this.#memory = voting.memory;
    this.#measuresMemory = parts.readMemory !== undefined;
    this.#participation = createParticipation(all, loaded, parts);
    this.observed = observedNode(parts, loaded, all);
    this.ledger = clients.ledger;
    this.feed = clients.feed;
    this.ownerKeys = clients.ownerKeys;
    this.peers = sides.peers.desk;
    this.insight = sides.insight;
  }

  /** Reads the store. The node sends nothing yet. */
  static async open(given: NodeParts): Promise<Node> {
    const { log } = given;
    const failures = new Failures(given.fail, log);
    const store = { ...given.store, seals: new RepairedSeals({ store: given.store, log }) };
    const parts = { ...given, store, fail: failures.fail };
    return new Node(parts, await loadNode(parts), failures);
  }

  /** The position of its consensus, for tests. */
  get consensus(): CoreStatus {
    return this.#driver.core.status();
  }

  /** Takes part as soon as enough peers have confirmed that its journal lacks nothing (R29). */
  start(): void {
    if (this.#measuresMemory) this.#memory.start();
    this.#check.start(this.#participation);
  }

  /** Stops sending. Everything committed is durable. The caller closes the store. */
  async stop(): Promise<void> {
    this.#failures.expect();
    this.#memory.stop();
    this.#check.stop();
    await this.#participation.stop();
  }
}

function createSides(given: NodeParts, loaded: LoadedNode): Sides {
  const { self, clientOf, system, log, fail, traces } = given;
  const { context, registry, approvals, restored, sealedHeight } = loaded;
  const { epoch } = restored.state;
  const validators = context.members(epoch);
  const software = new PeerSoftware(capabilitiesOf(given));
  const contacts = new PeerContacts({
    validators,
    self,
    clientOf,
    registry,
    software,
    approvals,
    system,
    log,
    fail,
  });
  const store = withRepairedBlocks(given, loaded, contacts);
  const parts = { ...given, store };
  const voting = createVotingSide(parts, loaded, contacts);
  const { finalizer, intake, driver, work } = voting;
  const waiters = new Waiters({ final: restored.state.height, sealed: sealedHeight });
  const sealing = createSealing(parts, loaded, { contacts, voting, waiters });
  const peers = createPeerSide(parts, loaded, { contacts, voting, sealing });
  const joined = { contacts, voting, sealing, peers, waiters };
  const clients = createClientSide(parts, loaded, joined);
  const { receipts, states, followers, throughput, toleranceWatch } = clients;
  const commits = new CommitFigures(system);
  const announcer = new CommitAnnouncer({
    context,
    receipts,
    states,
    waiters,
    followers,
    throughput,
    driver,
    work,
    intake,
    sealing,
    activation: peers.activation,
    toleranceWatch,
    commits,
    commitLog: new CommitLog({ context, log }),
    traces,
    fail,
  });
  finalizer.announceTo(announcer);
  const insight = createInsight(parts, loaded, { contacts, voting, sealing, peers, clients });
  return { contacts, voting, sealing, peers, clients, insight, waiters, commits };
}

function createSealing(
  parts: NodeParts,
  loaded: LoadedNode,
  joined: {
    readonly contacts: PeerContacts;
    readonly voting: VotingSide;
    readonly waiters: Waiters;
  },
): Sealing {
  const { self, identity, keyRing, store, checker, openEngine, system, log, fail, traces } = parts;
  const { context, suite, run, restored } = loaded;
  const { finalizer, intake } = joined.voting;
  return new Sealing({
    context,
    epoch: restored.state.epoch,
    suite,
    self,
    run,
    identity,
    keyRing,
    store,
    finalizer,
    intake,
    contacts: joined.contacts,
    waiters: joined.waiters,
    checker,
    openEngine,
    system,
    log,
    fail,
    traces,
  });
}

function withRepairedBlocks(parts: NodeParts, loaded: LoadedNode, source: PeerContacts): Store {
  const { store, checker, system, log } = parts;
  const verifier = new BlockVerifier({ context: loaded.context, checker });
  const blocks = new RepairedBlocks({ store, hash: sha256, verifier, source, system, log });
  return { ...store, blocks };
}

function createParticipation(
  { contacts, voting, sealing, peers, clients }: Sides,
  { witness }: LoadedNode,
  { fail }: NodeParts,
): Participation {
  const { driver, effects, work, catchUp, finalizer, inbox } = voting;
  const { check, clock, snapshots, historyFill, pruning, activation } = peers;
  return new Participation({
    driver,
    effects,
    work,
    catchUp,
    contacts,
    check,
    clock,
    finalizer,
    sealing,
    historyFill,
    pruning,
    snapshots,
    activation,
    inbox,
    witness,
    toleranceWatch: clients.toleranceWatch,
    fail,
  });
}
