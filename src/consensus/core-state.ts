/** The state of the consensus core, and of its current view: the parts that its rules read and change. */
import type { Block } from "../primitives/block.ts";
import { type Digest, zeroDigest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import { faultsTolerated, leaderOf, quorumOf } from "../primitives/validators.ts";
import type { Certificate, Vote } from "../primitives/vote.ts";
import { Ancestry, type BlockRef, type Tip } from "./ancestry.ts";
import { type BlockCertificate, Certificates } from "./certificates.ts";
import { type ConsensusConfig, OutputBuilder } from "./interface.ts";
import { FailingLeaders, SilentLeaders } from "./leaders.ts";
import type { Proposal } from "./message.ts";
import { PeerExchanges, Timeout, Timers } from "./timing.ts";
import { OwnVotes, Tally } from "./votes.ts";

/** The first proposal of a view's leader, and the stage it has reached. */
export interface PendingProposal {
  readonly proposal: Proposal;
  /** The wall clock when it first reached this node (R11). */
  readonly arrivedAt: number;
  /**
   * waiting: consensus lacks something it needs. verifying: the application works on it. unknown: the application
   * lacks something. invalid, valid: the final verdict; a leader's own proposal is valid from the start.
   */
  stage: "waiting" | "verifying" | "unknown" | "valid" | "invalid";
}

export interface CurrentView {
  readonly number: View;
  /** The certificate by which it was entered; none for the first view. */
  readonly entry: Certificate | undefined;
  readonly enteredAt: number;
  /** The first proposal of its leader. */
  proposal: PendingProposal | undefined;
  /** Timers run: there is work (R3). */
  running: boolean;
  /** All of the timeout is over (R3). */
  timedOut: boolean;
  /** The monotonic clock when this node said nullify because the view's leader is failing, or when work came back after that (R5). */
  failingSkippedAt: number | undefined;
  /** The monotonic clock when this node began to wait for operations to be proposed; undefined if it does not (R5). */
  waitingSince: number | undefined;
  /** The same when the leader's proposal was found valid. */
  validAt: number | undefined;
  /** A quarter of the timeout is over (R8). */
  emptyDue: boolean;
  /** Operations waited when the pool was first reported in this view (R8); undefined until then. */
  foundWaiting: boolean | undefined;
  /** A block asked of the application, and the state of its pool at that time. */
  building: { readonly operations: boolean; readonly poolStamp: number } | undefined;
  /** The application had nothing to order while its pool was in this state. */
  nothingToOrderAt: number | undefined;
  /** R32: proposals of this view that peers relayed to this node, the next leader, before it left the view. */
  readonly earlyRelays: Map<ValidatorIndex, Proposal>;
  /** Peers whose relay for this view was checked (R32), and how many of those were wrong. */
  readonly relayedBy: Set<ValidatorIndex>;
  wrongRelays: number;
  /** The application was given a relayed proposal. */
  isRelayTaken: boolean;
}

export function freshView(
  number: View,
  entered: Pick<CurrentView, "entry" | "enteredAt">,
): CurrentView {
  return {
    number,
    ...entered,
    proposal: undefined,
    running: false,
    timedOut: false,
    failingSkippedAt: undefined,
    waitingSince: undefined,
    validAt: undefined,
    emptyDue: false,
    foundWaiting: undefined,
    building: undefined,
    nothingToOrderAt: undefined,
    earlyRelays: new Map(),
    relayedBy: new Set(),
    wrongRelays: 0,
    isRelayTaken: false,
  };
}

/** Something that this node lacks and others hold (R18, R25). */
export type Want =
  | {
      readonly kind: "block";
      readonly block: BlockRef;
      /** Of the block itself or of a descendant. */
      readonly certificate: BlockCertificate;
    }
  | {
      readonly kind: "certificates";
      readonly from: View;
      readonly to: View;
      readonly block: Digest | undefined;
      /** The peer to ask first. */
      readonly peer: ValidatorIndex | undefined;
    };

/** The latest report of the driver on the pool, and the number of reports so far. */
export interface PoolReport {
  readonly pending: boolean;
  readonly overdue: boolean;
  /** So many operations that a block of them need not wait for more (R8). */
  readonly worthABlock: boolean;
  readonly stamp: number;
}

export interface CoreState {
  readonly config: ConsensusConfig;
  readonly quorum: number;
  readonly faults: number;
  readonly ancestry: Ancestry;
  readonly certificates: Certificates;
  readonly tally: Tally;
  readonly ownVotes: OwnVotes;
  readonly silentLeaders: SilentLeaders;
  readonly failingLeaders: FailingLeaders;
  readonly timers: Timers;
  readonly timeout: Timeout;
  readonly exchanges: PeerExchanges;
  /** Members that relayed a proposal whose operations are not its header's: no honest one does (R32). */
  readonly wrongRelayers: Set<ValidatorIndex>;
  /** Newest vote of each validator beyond the next view (R21). */
  readonly ahead: Map<ValidatorIndex, Vote>;
  /** Final blocks that this node's store does not hold yet, ascending. */
  readonly uncommitted: Block[];
  /** When each thing that is missing was last asked for. */
  readonly askedAt: Map<string, number>;
  view: CurrentView;
  /** Views that ended by the timeout of this node (R3). */
  timedOutViews: number;
  /** Views that were given up because their leader is not waited for (R5). */
  skippedViews: number;
  /** The first proposal seen for the view after the current one. */
  nextProposal: PendingProposal | undefined;
  pool: PoolReport;
  /** When the highest finalization was learned. */
  finalizedAt: number;
  /** Hash of the branch that the pool is assessed on. */
  assessedBranch: Digest;
  /** The report on that branch has come. */
  isAssessed: boolean;
  /** Blocks and certificates that the rules miss; collected anew at every step. */
  wants: Want[];
  /** The monotonic clock: for every wait (R27). */
  now: number;
  /** The wall clock, as it shows now: for block time alone. */
  wall: number;
  output: OutputBuilder;
}

/** A core that knows `final` and nothing above it. */
export function freshState(config: ConsensusConfig, final: Tip): CoreState {
  const validators = config.validators.length;
  const faults = faultsTolerated(validators);
  const quorum = quorumOf(validators);
  const { timeoutBaseMs: baseMs, timeoutCapMs: capMs } = config;
  return {
    config,
    quorum,
    faults,
    ancestry: new Ancestry(final, config.epoch),
    certificates: new Certificates(),
    tally: new Tally(quorum),
    ownVotes: new OwnVotes(),
    silentLeaders: new SilentLeaders(validators),
    failingLeaders: new FailingLeaders({ validators, faults, timeoutBaseMs: baseMs }),
    timers: new Timers(),
    timeout: new Timeout({ baseMs, capMs, faults }),
    exchanges: new PeerExchanges(answerIntervalMs(config)),
    wrongRelayers: new Set(),
    ahead: new Map(),
    uncommitted: [],
    askedAt: new Map(),
    view: freshView(view(1), { entry: undefined, enteredAt: 0 }),
    timedOutViews: 0,
    skippedViews: 0,
    nextProposal: undefined,
    pool: { pending: false, overdue: false, worthABlock: false, stamp: 0 },
    finalizedAt: 0,
    assessedBranch: zeroDigest,
    isAssessed: false,
    wants: [],
    now: 0,
    wall: 0,
    output: new OutputBuilder(),
  };
}

export function leaderAt(state: CoreState, at: View): ValidatorIndex {
  return leaderOf(state.config.validators.length, at);
}

export function isOwnTurn(state: CoreState): boolean {
  return leaderAt(state, state.view.number) === state.config.self;
}

/** Every block above the committed one, up to and including `hash`, which must be connected; ascending. */
export function branchTo(state: CoreState, hash: Digest): Block[] {
  return [...state.uncommitted, ...state.ancestry.chain(hash)];
}

/** R8, R10: true if so many blocks with operations are not final yet that no further one may follow. */
export function isPipelineFull(branch: readonly Block[]): boolean {
  const carrying = branch.filter((block) => block.header.operationCount > 0).length;
  return carrying >= LIMITS.unfinalBlocksWithOperationsMax;
}

/** Views up to this one are over for good: a finalization at or above it is known. */
export function settledView(state: CoreState): View {
  const { ancestry, certificates } = state;
  return view(Math.max(ancestry.finalView, certificates.finalizedView));
}

/** The pause before something missing is asked for again. */
export function retryMs(state: CoreState): number {
  return Math.floor(state.config.timeoutBaseMs / 4);
}

/** A peer is helped at most once in this interval; a vote that arrives this soon after the quorum is expected (R17). */
export function answerIntervalMs(config: ConsensusConfig): number {
  return Math.floor(config.timeoutBaseMs / 8);
}
