/** What a simulated node is given: its place, its conditions, its way to the network, and who watches it. */
import type { ConsensusConfig, Finalized, Input, Outgoing } from "../../src/consensus/interface.ts";
import type { Evidence } from "../../src/consensus/votes.ts";
import type { SimulatedLedger } from "./application.ts";
import type { EventQueue } from "./event-queue.ts";
import type { MachineClock } from "./machine-clock.ts";
import type { Packet } from "./packet.ts";
import type { Random } from "./random.ts";

/** How long things take on a node, and what its faults are. */
export interface NodeConditions {
  readonly syncMaxMs: number;
  readonly commitMaxMs: number;
  readonly applicationMaxMs: number;
  /** That a turn is cut short by a crash, between two of its effects. */
  crashProbability: number;
  /** Test only: messages leave before the journal is written, which must break safety. */
  readonly sendBeforeSync: boolean;
}

/** What a node tells the world about. */
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
}
