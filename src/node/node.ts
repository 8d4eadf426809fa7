/**
 * One node, assembled: the pure core, ledger and seal in the middle, the store, the peers and the clients around
 * them. This file says who is joined to whom, and in which order a node starts and stops.
 */
import { isBlockCertificate } from "../consensus/certificates.ts";
import type { CoreStatus } from "../consensus/core.ts";
import { JournalIndex } from "../consensus/journal.ts";
import type { LedgerContext } from "../ledger/context.ts";
import { Pool } from "../mempool/pool.ts";
import { WaitingRoom } from "../mempool/waiting-room.ts";
import { assert } from "../primitives/assert.ts";
import { roomOfSender } from "../primitives/limits.ts";
import type { Validator } from "../primitives/validators.ts";
import type { LedgerApi } from "../transport/ledger-api.ts";
import type { PeerApi } from "../transport/peer-api.ts";
import { JournalCheck } from "./amnesia/journal-check.ts";
import { sha256 } from "./base/crypto.ts";
import { MemoryWatch } from "./base/memory.ts";
import { inlineChecker } from "./base/signature-checker.ts";
import { withTimeLimit } from "./base/time-limit.ts";
import { createLedgerApi } from "./clients/ledger-api.ts";
import { NodeView } from "./clients/node-view.ts";
import { Receipts } from "./clients/receipts.ts";
import { ToleranceWatch } from "./clients/tolerance-watch.ts";
import { Waiters } from "./clients/waiters.ts";
import { Application, type ExecutedBlock } from "./execution/application.ts";
import { earliestDeadlineAfter, Finalizer } from "./execution/finalizer.ts";
import { Intake } from "./intake/intake.ts";
import { OperationInbox } from "./intake/operation-inbox.ts";
import { VerifiedOperations } from "./intake/verified-operations.ts";
import { type Loaded, loadNode, type NodeParts } from "./load.ts";
import { ConsensusDriver } from "./ordering/consensus-driver.ts";
import { Proposals } from "./ordering/proposals.ts";
import { BlockServer } from "./peers/block-server.ts";
import { LinkReceiver } from "./peers/link-receiver.ts";
import { OwnClock } from "./peers/own-clock.ts";
import { PeerContacts } from "./peers/peer-contacts.ts";
import { PeerDesk } from "./peers/peer-desk.ts";
import type { Registry } from "./peers/registry.ts";
import type { VoteWitness } from "./peers/vote-witness.ts";
import { Sealing } from "./sealing/sealing.ts";
import { RepairedBlocks } from "./sync/block-repair.ts";
import { BlockVerifier } from "./sync/block-verifier.ts";
import { Past } from "./sync/past.ts";
import { RepairedSeals } from "./sync/seal-repair.ts";

export class Node {
  readonly #parts: NodeParts;
  readonly #context: LedgerContext;
  readonly #self: Validator;
  readonly #application: Application;
  readonly #pool: Pool;
  readonly #waitingRoom: WaitingRoom;
  readonly #finalizer: Finalizer;
  readonly #intake: Intake;
  readonly #inbox: OperationInbox;
  readonly #driver: ConsensusDriver;
  readonly #past: Past;
  readonly #sealing: Sealing;
  readonly #waiters: Waiters;
  readonly #receipts: Receipts;
  readonly #view: NodeView;
  readonly #toleranceWatch: ToleranceWatch;
  readonly #registry: Registry;
  readonly #linkReceiver: LinkReceiver;
  readonly #contacts: PeerContacts;
  readonly #witness: VoteWitness;
  readonly #clock: OwnClock;
  readonly #journalCheck: JournalCheck;
  readonly #memory: MemoryWatch;
  #stopping = false;

  /** What clients may call. */
  readonly ledger: LedgerApi;
  /** What other nodes may call. */
  readonly peers: PeerApi;

  private constructor(parts: NodeParts, held: Loaded) {
    const { system } = parts;
    const fail = (error: unknown) => this.#fail(parts, error);
    this.#context = held.context;
    const store = { ...parts.store, blocks: this.#repairedBlocks(parts) };
    this.#parts = { ...parts, store, fail };
    this.#self = held.self;
    const room = roomOfSender(held.context.members(held.restored.state.epoch).length);
    this.#pool = new Pool(room.pool);
    this.#waitingRoom = new WaitingRoom({ perSenderMax: room.waitingMax });
    const verified = new VerifiedOperations(this.#context, inlineChecker);
    const { state, hash } = held.restored;
    this.#application = new Application({
      context: this.#context,
      pool: this.#pool,
      signaturesValid: (operation) => verified.has(operation),
      final: { state, hash },
    });
    const read = parts.readMemory ?? (() => 0);
    this.#memory = new MemoryWatch({ read, after: system.after, log: parts.log });
    this.#waiters = new Waiters({ final: state.height, sealed: held.sealedHeight });
    this.#registry = held.registry;
    this.#witness = held.witness;
    const journalIndex = new JournalIndex();
    this.#finalizer = new Finalizer({
      context: this.#context,
      application: this.#application,
      pool: this.#pool,
      waitingRoom: this.#waitingRoom,
      chain: store.chain,
      journalIndex,
      committed: held.restored,
      onCommitted: (blocks) => this.#committed(blocks),
      fail,
    });
    this.#intake = this.#createIntake(verified);
    this.#inbox = new OperationInbox({
      intake: this.#intake,
      room: room.inbox,
      unpaid: room.unpaid,
      system,
      fail,
    });
    this.#contacts = this.#createContacts(held);
    this.#clock = this.#createClock();
    this.#journalCheck = this.#createJournalCheck(held);
    this.#past = this.#createPast();
    this.#driver = this.#createDriver(held, journalIndex);
    this.#sealing = this.#createSealing(held);
    this.#view = this.#createView(held);
    this.#toleranceWatch = this.#createToleranceWatch();
    const keyCertificate = () => this.#view.keyCertificate;
    this.#receipts = new Receipts({ context: this.#context, store, keyCertificate });
    this.#linkReceiver = this.#createLinkReceiver(held);
    this.ledger = this.#createLedger();
    this.peers = this.#createPeerDesk(held);
  }

  /** Reads back what the store holds; nothing is said to anyone yet. */
  static async open(parts: NodeParts): Promise<Node> {
    const { blocks, seals } = parts.store;
    const tip = async () => (await blocks.loadTip())?.height ?? 0;
    const store = { ...parts.store, seals: new RepairedSeals({ seals, tip, log: parts.log }) };
    let node: Node | undefined;
    // While it is being opened every failure ends it; later, what a stop cuts off is none.
    const fail = (error: unknown) => {
      if (node === undefined) parts.fail(error);
      else node.#fail(parts, error);
    };
    const repaired = { ...parts, store };
    node = new Node(repaired, await loadNode({ ...repaired, fail }));
    return node;
  }

  /** Where its consensus stands, for tests. */
  get consensus(): CoreStatus {
    return this.#driver.core.status();
  }

  /** Begins to take part, as soon as enough peers have said that its journal lacks nothing (R29). */
  start(): void {
    if (this.#parts.readMemory !== undefined) this.#memory.start();
    this.#journalCheck.start();
  }

  /** Says nothing more; what was committed is durable. The store is the caller's to close. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#memory.stop();
    this.#journalCheck.stop();
    this.#toleranceWatch.stop();
    this.#clock.stop();
    this.#past.stop();
    this.#driver.stop();
    await this.#contacts.links.close();
    await this.#inbox.close();
    await this.#witness.save().catch((error: unknown) => this.#fail(this.#parts, error));
    await this.#finalizer.idle();
    await this.#sealing.stop();
  }

  /** What is cut off in the middle by a stop is no fault of the node. */
  #fail({ fail, log }: NodeParts, error: unknown): void {
    if (!this.#stopping) fail(error);
    else
      log.debug({ error: error instanceof Error ? error.message : error }, "cut off by the stop");
  }

  #takePart(): void {
    this.#driver.start();
    this.#contacts.links.open();
    this.#clock.start(this.#finalizer.committed.header.time);
    this.#sealing.start();
    this.#past.start();
    this.#toleranceWatch.start();
  }

  get isKeyFinal(): boolean {
    return this.#finalizer.committed.state.ceremony.kind === "final";
  }

  #repairedBlocks({ store, system, log }: NodeParts): RepairedBlocks {
    return new RepairedBlocks({
      store,
      hash: sha256,
      reader: new BlockVerifier({ context: this.#context, checker: inlineChecker }),
      peers: () => this.#contacts.others,
      fetch: (peer, query) => this.#contacts.ask(peer, (client) => client.fetchBlocks(query)),
      after: (delayMs, action) => system.after(delayMs, action),
      log,
    });
  }

  #createIntake(verified: VerifiedOperations): Intake {
    const { self, system, store } = this.#parts;
    return new Intake({
      context: this.#context,
      self,
      pool: this.#pool,
      waitingRoom: this.#waitingRoom,
      verified,
      system,
      finalState: () => this.#application.finalState,
      refusesWallets: () => this.#memory.isFull,
      locate: (key) => store.operations.loadOperation(key),
      disseminate: ({ bytes }) => this.#contacts.links.send("all", { operations: [bytes] }),
      poolGrew: () => this.#driver.reassess(),
    });
  }

  #createJournalCheck(held: Loaded): JournalCheck {
    const { store, system, log, fail } = this.#parts;
    return new JournalCheck({
      context: this.#context,
      epoch: held.restored.state.epoch,
      self: this.#self,
      memory: {
        own: this.#registry.own,
        lacks: (subject) => this.#driver.core.lacks(subject),
      },
      checker: inlineChecker,
      contacts: this.#contacts,
      identity: store.journalIdentity,
      onSpeaking: () => this.#takePart(),
      onSilenced: () => this.#driver.stop(),
      system,
      log,
      fail,
    });
  }

  #createPast(): Past {
    const { store, system, log, fail } = this.#parts;
    return new Past({
      context: this.#context,
      store,
      finalizer: this.#finalizer,
      finalTip: () => this.#application.finalTip,
      committed: () => this.#finalizer.committed,
      groupKey: () => this.#view.keyCertificate?.groupKey,
      checker: inlineChecker,
      peers: () => this.#contacts.others,
      fetch: (peer, query) => this.#contacts.ask(peer, (client) => client.fetchBlocks(query)),
      push: (input) => this.#driver.push(input),
      patienceMs: this.#patienceMs,
      system,
      log,
      fail,
    });
  }

  /** How long one peer that is asked for something is waited for before the next one is (R25). */
  get #patienceMs(): number {
    return Math.floor(this.#parts.genesis.timings.viewTimeoutMs / 4);
  }

  #createDriver(held: Loaded, journalIndex: JournalIndex): ConsensusDriver {
    const { genesis, self, identity, store, system, log, fail } = this.#parts;
    const { viewTimeoutMs, viewTimeoutMsMax, clockSkewMs } = genesis.timings;
    const { header, hash, finalization } = held.restored;
    assert(finalization === undefined || isBlockCertificate(finalization), "it finalizes a block");
    return new ConsensusDriver({
      config: {
        networkId: this.#context.networkId,
        epoch: held.restored.state.epoch,
        validators: this.#context.members(held.restored.state.epoch),
        self,
        timeoutBaseMs: viewTimeoutMs,
        timeoutCapMs: viewTimeoutMsMax,
        clockToleranceMs: clockSkewMs,
        hash: sha256,
        sign: identity.sign,
      },
      recovered: { final: { hash, header }, finalization, firstView: held.firstView },
      journal: store.journal,
      records: held.records,
      journalIndex,
      system,
      log,
      application: this.#application,
      pool: this.#pool,
      evidence: store.evidence,
      links: this.#contacts.links,
      proposals: this.#createProposals(),
      fetchBlocks: (request) => this.#past.request(request),
      take: (blocks, certificate) => this.#finalizer.take(blocks, certificate),
      fail,
    });
  }

  #createProposals(): Proposals {
    const { others } = this.#contacts;
    return new Proposals({
      application: this.#application,
      pool: this.#pool,
      peersFor: (leader) => [leader, ...others.filter((peer) => peer !== leader)],
      fetch: async (peer, leafHashes) => {
        return (
          (await this.#contacts.ask(peer, (client) => client.fetchOperations(leafHashes))) ?? []
        );
      },
      after: (delayMs, action) => this.#parts.system.after(delayMs, action),
      patienceMs: this.#patienceMs,
      verifyFetched: (bytes) => this.#intake.verifyFetched(bytes),
    });
  }

  #createSealing({ suite, run, restored }: Loaded): Sealing {
    const { genesis, self, identity, keyRing, store, system, log, fail } = this.#parts;
    return new Sealing({
      context: this.#context,
      validators: this.#context.members(restored.state.epoch),
      suite,
      self,
      run,
      identity,
      keyRing,
      store,
      system,
      log,
      openEngine: this.#parts.openEngine,
      links: this.#contacts.links,
      committed: () => this.#finalizer.committed,
      call: (peer, signed) => this.#contacts.ask(peer, (client) => client.verification(signed)),
      submit: async (operation) => {
        const verdict = await this.#intake.fromClient(operation);
        if (verdict.kind !== "admitted")
          log.debug({ verdict: verdict.kind }, "ceremony: not taken");
      },
      onSealed: (at) => this.#waiters.sealed(at),
      whenCommitted: async (at) => {
        // Only for what is about to come: half of what its coordinator has patience for.
        const reached = (soon: AbortSignal) => this.#waiters.height("final", at, soon);
        const limitMs = genesis.timings.sealTimeoutMs / 2;
        if (!this.#waiters.isFull) await withTimeLimit(system, limitMs, reached);
      },
      fail,
    });
  }

  #createView({ firstView }: Loaded): NodeView {
    const { version, system, certificateEndsAt = Number.POSITIVE_INFINITY } = this.#parts;
    return new NodeView({
      certificateEndsAt,
      wall: () => system.wall(),
      context: this.#context,
      self: this.#self,
      version,
      startedAt: system.wall(),
      firstView,
      committed: () => this.#finalizer.committed,
      core: () => this.#driver.core.status(),
      registry: this.#registry,
      isConnected: (peer) => this.#contacts.links.isConnected(peer),
      lastHeight: (peer) => this.#linkReceiver.lastHeight(peer),
      silentMs: (peer) => this.#contacts.silentMs(peer),
      sealedHeight: () => this.#waiters.sealedHeight,
      pendingOperations: () => this.#pool.size,
      usedMemory: () => this.#memory.used,
      missingRecollections: () => this.#journalCheck.missing,
      history: () => this.#parts.store.blocks.history,
      sealing: () => this.#sealing.outlook,
      isBlamed: (peer) => this.#sealing.isBlamed(peer),
      clock: this.#clock,
    });
  }

  #createToleranceWatch(): ToleranceWatch {
    const { system, log } = this.#parts;
    const look = () => this.#view.shortfalls();
    return new ToleranceWatch({ look, isKeyFinal: () => this.isKeyFinal, system, log });
  }

  #createLinkReceiver({ restored }: Loaded): LinkReceiver {
    return new LinkReceiver({
      context: this.#context,
      epoch: restored.state.epoch,
      consensus: this.#driver,
      inbox: this.#inbox,
      seals: this.#sealing,
      checker: inlineChecker,
      witness: this.#witness,
      system: this.#parts.system,
    });
  }

  #createPeerDesk({ restored }: Loaded): PeerDesk {
    const { store, system } = this.#parts;
    const [consensus, finalizer] = [this.#driver, this.#finalizer];
    return new PeerDesk({
      epoch: restored.state.epoch,
      consensus,
      links: this.#linkReceiver,
      blocks: new BlockServer({ consensus, store, finalizer }),
      snapshots: this.#past,
      countersigning: this.#sealing,
      registry: this.#registry,
      witness: this.#witness,
      pool: this.#pool,
      application: this.#application,
      store,
      finalizer,
      contacts: this.#contacts,
      check: this.#journalCheck,
      system,
    });
  }

  #createLedger(): LedgerApi {
    const { store, self, custodyKey, system } = this.#parts;
    return createLedgerApi({
      context: this.#context,
      self,
      custodyKey,
      store,
      intake: this.#intake,
      waiters: this.#waiters,
      receipts: this.#receipts,
      view: this.#view,
      sealing: () => this.#sealing.outlook,
      clock: this.#clock,
      system,
      committed: () => this.#finalizer.committed,
      consensus: () => this.#driver.core.status(),
    });
  }

  /** Blocks are durable: now it may be said. */
  #committed(blocks: readonly ExecutedBlock[]): void {
    for (const executed of blocks) {
      const { block, operations } = executed;
      const { height: at } = block.header;
      this.#receipts.remember(executed);
      const places = operations.map(({ key }, index) => [key, { height: at, index }] as const);
      this.#waiters.committed({
        height: at,
        earliestDeadline: earliestDeadlineAfter(this.#context, block),
        locations: new Map(places),
      });
    }
    const { state } = this.#finalizer.committed;
    void this.#driver.push({ kind: "committed", height: state.height });
    const wallets = blocks.flatMap(({ execution }) => execution.touched.map(({ id }) => id));
    this.#intake.release(wallets).catch(this.#parts.fail);
    this.#driver.reassess();
    this.#sealing.committed(blocks);
    this.#toleranceWatch.observe();
  }

  #createClock(): OwnClock {
    const { genesis, system, log } = this.#parts;
    return new OwnClock({
      timings: genesis.timings,
      contacts: this.#contacts,
      consensus: { clockWasSet: () => this.#driver.clockWasSet() },
      system,
      log,
    });
  }

  #createContacts({ restored }: Loaded): PeerContacts {
    const { clientOf, system, log, fail } = this.#parts;
    return new PeerContacts({
      validators: this.#context.members(restored.state.epoch),
      self: this.#self.index,
      clientOf,
      registry: this.#registry,
      observer: {
        connected: (peer) => {
          void this.#driver.push({ kind: "connected", peer });
          this.#clock.linked(peer);
        },
        disconnected: () => this.#sealing.linksChanged(),
        outdated: (peer) => this.#journalCheck.outdated(peer),
      },
      system,
      log,
      fail,
    });
  }
}
