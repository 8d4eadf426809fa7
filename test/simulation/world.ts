/**
 * A small world from one seed: nodes, disks, network and clients. The safety phase brings trouble; after healing, in
 * the liveness phase, everything pending has to become final within bounds. Checkers look at every step.
 */
import type { ConsensusConfig, Outgoing } from "../../src/consensus/interface.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { epoch, validatorIndex, view } from "../../src/primitives/numbers.ts";
import { faultsTolerated, quorumOf } from "../../src/primitives/validators.ts";
import type { Role } from "../support/byzantine/role.ts";
import { EventQueue } from "../support/world/event-queue.ts";
import { MachineClock } from "../support/world/machine-clock.ts";
import { Random } from "../support/world/random.ts";
import {
  simulatedKey,
  simulatedSign,
  simulatedValidators,
  simulatedVerify,
} from "../support/world/simulated-keys.ts";
import { describeInput, describeMessage, TraceHash } from "../support/world/trace-hash.ts";
import type { SimulatedLedger } from "./application.ts";
import { AgreementChecker } from "./checkers/agreement.ts";
import { DurabilityChecker } from "./checkers/durability.ts";
import { EquivocationChecker } from "./checkers/equivocation.ts";
import { Gate } from "./gate.ts";
import { createSimulatedLedger } from "./ledger.ts";
import { Network } from "./network.ts";
import { SimulatedNode } from "./node.ts";
import type { NodeConditions, NodeObserver } from "./node-context.ts";
import type { Packet } from "./packet.ts";
import {
  CLOCK_TOLERANCE_MS,
  choosePlan,
  type Plan,
  TIMEOUT_BASE_MS,
  TIMEOUT_CAP_MS,
} from "./plan.ts";
import { ROLES } from "./roles.ts";
import { createToyLedger, TOY_START } from "./toy-ledger.ts";

/** In one of this many seeds, every message is encoded and decoded, and every signature is checked. */
const ENCODED_SEEDS = 8;

export interface WorldOptions {
  readonly seed: number;
  readonly nodes: number;
  /** The ledger that consensus orders for: a toy (quick), or the real one with real seals. Default: toy. */
  readonly ledger?: "toy" | "real";
  /** Test only: breaks "durable before said", by disks that confirm too early. */
  readonly sendBeforeSync?: boolean;
  /**
   * One honest node (beside at most f - 1 faulty ones) loses its disk at its crashes. "rejoins": it comes back by the
   * rules of amnesia. "forgets", test only: it comes back as if it had never voted.
   */
  readonly amnesia?: "rejoins" | "forgets";
  /** Replaces the choices of the seed. */
  readonly adjust?: (plan: Plan) => Plan;
}

export class World {
  readonly plan: Plan;
  readonly random: Random;
  readonly events = new EventQueue(TOY_START);
  readonly ledger: SimulatedLedger;
  readonly nodes: readonly SimulatedNode[];
  readonly network: Network<Packet>;
  readonly conditions: NodeConditions;
  readonly agreement: AgreementChecker;
  readonly equivocation: EquivocationChecker;
  readonly traceHash = new TraceHash();
  /** Called when a node has crashed by itself. */
  onCrash: (node: number) => void = () => undefined;
  readonly #durability: DurabilityChecker;
  readonly #gate: Gate;
  readonly #roles = new Map<number, Role>();
  readonly #amnesia: WorldOptions["amnesia"];
  readonly #forgetful: number | undefined;
  /** True if a loop got work since everything settled last. */
  #acted = false;
  #failure: unknown;

  constructor(options: WorldOptions) {
    const { seed, nodes } = options;
    this.ledger =
      options.ledger === "real"
        ? createSimulatedLedger({
            nodes,
            start: TOY_START,
            seed,
            finalHash: (at) => this.agreement.hashAt(at),
          })
        : createToyLedger(TOY_START);
    this.random = new Random(seed, nodes);
    const chosen = choosePlan(this.random, nodes);
    const adjusted = options.adjust?.(chosen) ?? chosen;
    this.#amnesia = options.amnesia;
    this.plan = options.amnesia === undefined ? adjusted : withRoomForAmnesia(adjusted);
    if (options.amnesia !== undefined) {
      this.#forgetful = this.plan.clocks.findLastIndex((_, node) => this.isHonest(node));
    }
    this.network = new Network({
      events: this.events,
      random: this.random,
      nodes,
      weather: this.plan.weather,
      deliver: (from, to, packet) => {
        if (packet.kind === "consensus") this.#roles.get(to)?.hear?.(packet.message);
        this.nodes[to]?.deliver(from, packet);
      },
    });
    const { syncMaxMs, commitMaxMs, applicationMaxMs, crashProbability } = this.plan;
    const sendBeforeSync = options.sendBeforeSync ?? false;
    const durations = { syncMaxMs, commitMaxMs, applicationMaxMs };
    this.conditions = { ...durations, crashProbability, sendBeforeSync };
    const validators = simulatedValidators(nodes);
    const { networkId } = this.ledger.genesis.header;
    const network = { networkId, validators };
    this.agreement = new AgreementChecker({ ...network, verify: simulatedVerify });
    this.equivocation = new EquivocationChecker((node) => this.isHonest(node));
    this.nodes = validators.map(({ index }) =>
      this.#createNode({
        ...network,
        epoch: epoch(1),
        self: index,
        timeoutBaseMs: TIMEOUT_BASE_MS,
        timeoutCapMs: TIMEOUT_CAP_MS,
        clockToleranceMs: CLOCK_TOLERANCE_MS,
        hash: sha256,
        sign: (message) => simulatedSign(simulatedKey(index), message),
      }),
    );
    const lasting = this.honest.filter(({ index }) => index !== this.#forgetful);
    const honestDisks = lasting.map((node) => node.disk);
    const needed = quorumOf(nodes) - this.plan.roles.size - (this.honest.length - lasting.length);
    this.#gate = new Gate({
      config: { ...network, epoch: epoch(1) },
      isHonest: (node) => this.isHonest(node),
      encodes: seed % ENCODED_SEEDS === 0,
    });
    this.#durability = new DurabilityChecker({ honestDisks, needed });
  }

  isHonest(node: number): boolean {
    return !this.plan.roles.has(node);
  }

  get honest(): readonly SimulatedNode[] {
    return this.nodes.filter((node) => this.isHonest(node.index));
  }

  /** The highest view of the honest nodes that are up. */
  get highestView(): number {
    return Math.max(0, ...this.honest.map((node) => node.core?.status().view ?? 0));
  }

  /**
   * Starts a node that crashed. The forgetful node has lost its disk: it needs n - f others to answer, and casts no
   * vote below two views above the highest that they entered. False if too few nodes are up.
   */
  restart(node: SimulatedNode): boolean {
    if (node.index === this.#forgetful) {
      const others = this.nodes.filter((other) => other !== node && other.core !== undefined);
      const quorum = quorumOf(this.nodes.length);
      if (others.length < quorum) return false;
      const answers = this.random.sample(others, quorum);
      const highest = Math.max(...answers.map((other) => other.core?.status().view ?? 0));
      node.loseDisk(view(this.#amnesia === "rejoins" ? highest + 2 : 1));
    }
    this.start(node);
    return true;
  }

  /** From now on this node sends the messages of its core untwisted. */
  reform(index: number): void {
    this.#roles.delete(index);
  }

  start(node: SimulatedNode): void {
    this.agreement.restarted(node.index, node.disk.chain.length);
    node.start();
    for (const peer of this.nodes) {
      if (peer === node || peer.core === undefined) continue;
      if (this.network.reaches(node.index, peer.index)) this.connect(node, peer);
    }
  }

  connect(left: SimulatedNode, right: SimulatedNode): void {
    left.connect(right.index);
    right.connect(left.index);
  }

  /** Advances time. All events of a moment happen first, then everything that follows from them without time passing. */
  async runFor(durationMs: number): Promise<void> {
    const { events } = this;
    const until = events.now + durationMs;
    await this.#settle();
    while (events.runNext(until)) {
      while (events.runNext(events.now));
      await this.#settle();
    }
    events.runUntil(until);
  }

  /** The turns of loops are microtasks in a fixed order: all are over when an immediate runs. */
  async #settle(): Promise<void> {
    while (this.#acted) {
      this.#acted = false;
      await new Promise(setImmediate);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #createNode(config: ConsensusConfig): SimulatedNode {
    const { self } = config;
    const roleName = this.plan.roles.get(self);
    const { ledger, random } = this;
    if (roleName !== undefined) {
      const after = (delayMs: number, said: readonly Outgoing[]) =>
        this.events.after(delayMs, () => this.#carryConsensus(self, said));
      this.#roles.set(self, ROLES[roleName]({ config, random, ledger, after }));
    }
    return new SimulatedNode({
      config,
      ledger: this.ledger,
      events: this.events,
      random: this.random,
      conditions: this.conditions,
      observer: this.#observe(),
      clock: new MachineClock(
        () => this.events.now,
        this.plan.clocks[self] ?? { skewMs: 0, driftPpm: 0, pacePpm: 0 },
      ),
      send: (to, packet) => this.network.send(self, to, packet),
      sendConsensus: (outgoing) => this.#sendConsensus(self, outgoing),
      acted: () => {
        this.#acted = true;
      },
      fail: (error) => {
        this.#failure ??= error;
      },
    });
  }

  #sendConsensus(from: number, outgoing: Outgoing): void {
    this.#carryConsensus(from, this.#roles.get(from)?.twist(outgoing) ?? [outgoing]);
  }

  #carryConsensus(from: number, outgoing: readonly Outgoing[]): void {
    for (const { to, message: said } of outgoing) {
      const message = this.#gate.pass(from, said);
      if (message === undefined) continue;
      const packet: Packet = { kind: "consensus", message };
      const receivers = to === "all" ? this.nodes.map((node) => node.index) : [to];
      for (const receiver of receivers) {
        if (receiver !== from) this.network.send(from, receiver, packet);
      }
    }
  }

  #observe(): NodeObserver {
    return {
      onInput: (node, input) => this.traceHash.note(this.events.now, node, describeInput(input)),
      onSend: (node, { to, message }) => {
        this.traceHash.note(this.events.now, node, `to ${to} ${describeMessage(message)}`);
        if (this.isHonest(node)) this.equivocation.checkSent(node, message);
      },
      onFinalized: (node, finalized) => {
        const { height } = finalized.block.header;
        this.traceHash.note(
          this.events.now,
          node,
          `final ${height} ${toHex(finalized.block.hash)}`,
        );
        if (!this.isHonest(node)) return;
        this.agreement.check(node, finalized);
        this.#durability.check(finalized);
      },
      onEvidence: (node, evidence) => {
        this.traceHash.note(this.events.now, node, `evidence ${evidence.kind}`);
        if (this.isHonest(node)) this.equivocation.checkEvidence(evidence);
      },
      onCrash: (node) => {
        this.traceHash.note(this.events.now, node, "crash");
        this.onCrash(validatorIndex(node));
      },
    };
  }
}

/** The forgetful node is one of the f; it forgets only at crashes, so there must be some. */
function withRoomForAmnesia(plan: Plan): Plan {
  const roles = new Map([...plan.roles].slice(0, faultsTolerated(plan.nodes) - 1));
  return {
    ...plan,
    roles,
    wrongClocksMax: 0,
    crashProbability: Math.max(plan.crashProbability, 0.01),
  };
}
