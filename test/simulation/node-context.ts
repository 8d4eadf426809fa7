/** The parts that a simulated node is given: its configuration, conditions, network and observer. */
import type { ConsensusConfig, Finalized, Input, Outgoing } from "../../src/consensus/interface.ts";
import type { Evidence } from "../../src/consensus/votes.ts";
import type { EventQueue } from "../support/world/event-queue.ts";
import type { MachineClock } from "../support/world/machine-clock.ts";
import type { Random } from "../support/world/random.ts";
import type { SimulatedLedger } from "./application.ts";
import type { Packet } from "./packet.ts";

/** The durations and faults of a node's work. */
export interface NodeConditions {
  readonly syncMaxMs: number;
  readonly commitMaxMs: number;
  readonly applicationMaxMs: number;
  /** The probability that a crash cuts a turn short, before one of its effects. */
  crashProbability: number;
  /** Test only: the disk reports a sync before it is done, which must break safety. */
  readonly sendBeforeSync: boolean;
}

/** The events of a node that the world observes. */
export interface NodeObserver {
  onInput(node: number, input: Input): void;
  onSend(node: number, outgoing: Outgoing): void;
  onFinalized(node: number, finalized: Finalized): void;
  onEvidence(node: number, evidence: Evidence): void;
  onCrash(node: number): void;
}

export interface NodeContext {
  readonly config: ConsensusConfig;
  readonly ledger: SimulatedLedger;
  readonly events: EventQueue;
  readonly random: Random;
  readonly conditions: NodeConditions;
  readonly observer: NodeObserver;
  readonly clock: MachineClock;
  send(to: number, packet: Packet): void;
  sendConsensus(outgoing: Outgoing): void;
  /** Promises have settled; everything that follows from them happens before time goes on. */
  acted(): void;
  /** The node found a broken invariant. */
  fail(error: unknown): void;
}
