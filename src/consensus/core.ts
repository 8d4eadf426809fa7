/**
 * Simplex consensus (Chan and Pass, eprint 2023/463) as a machine without I/O: it takes an input with the clock readings, and
 * returns an Output for its caller to perform. The rules are in docs/protocol.md, section "Consensus".
 *
 * Duties of the caller: perform every Output in the order of its fields; give only messages whose signatures were
 * checked (`messageChecks`); give a tick when the monotonic clock has come to the deadline.
 */
import { unreachable } from "../primitives/assert.ts";
import type { Block } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, height, type View, view } from "../primitives/numbers.ts";
import { type Certificate, sameSubject, type VoteSubject } from "../primitives/vote.ts";
import type { Tip } from "./ancestry.ts";
import type { BlockCertificate } from "./certificates.ts";
import { type CoreState, settledView } from "./core-state.ts";
import {
  finalizeHeld,
  finalizeNotarized,
  forgetFinal,
  noteCommitted,
  wantNotarizedBranch,
} from "./finality.ts";
import {
  type ConsensusConfig,
  type Input,
  type Now,
  type Output,
  OutputBuilder,
} from "./interface.ts";
import { judgeProposal } from "./judgement.ts";
import type { Message } from "./message.ts";
import { answer, type Filtered, filter, receive } from "./message-handler.ts";
import { noteWaiting, repeatVotes, repeatWhenDue, runTimers, skipLostView } from "./pacemaker.ts";
import { assessBranch, notePool } from "./pool-report.ts";
import { propose } from "./proposal.ts";
import { type RecoveredFrom, recoverState } from "./recovery.ts";
import { isSilentOrFailing } from "./turns.ts";
import { requestWants, sendStatus } from "./view-sync.ts";
import { acceptCertificate, countVotesAhead, keepBlock, noteBuilt, noteVerdict } from "./voting.ts";

/** The position of a core, for status and tests. */
export interface CoreStatus {
  readonly view: View;
  readonly finalHeight: Height;
  readonly finalHash: Digest;
  /** The highest height known to be final; its blocks may still be on their way. */
  readonly knownFinalHeight: Height;
  readonly timeoutMs: number;
  /** Views that ended by nullification after the timeout of this node. */
  readonly timedOutViews: number;
  /** Views that this node gave up because their leader is not waited for. */
  readonly skippedViews: number;
  /** Members that are silent or failing as leaders. */
  readonly skippedLeaders: number;
  /** A block above the highest finalization is notarized. */
  readonly hasUnfinal: boolean;
  /** The view has work and its timers run. */
  readonly working: boolean;
}

export interface Core {
  step(input: Input, now: Now): Output;
  /** A block held above the final one, to answer a peer that fetches it. */
  block(hash: Digest): Block | undefined;
  /** Drops the parts of `message` that could change nothing, before any signature is checked. */
  filter(message: Message): Filtered;
  status(): CoreStatus;
  /** The certificate by which this node entered its view; none in view 1. */
  entry(): Certificate | undefined;
  /** The highest finalization known; its block may not be held yet. None if only the genesis is final. */
  finalization(): BlockCertificate | undefined;
  /** True if a vote of this node on `subject` would still bind it, and it holds no such vote (R29). */
  lacks(subject: VoteSubject): boolean;
  /** Certificates that lead a peer from `view` to this node's view; at most as many as a message holds. */
  standing(view: View): readonly Certificate[];
}

/** Creates a core that resumes from the journal and the last committed block; `started` must be its first input. */
export function createCore(config: ConsensusConfig, from: RecoveredFrom): Core {
  const state = recoverState(config, from);
  return {
    step: (input, now) => step(state, input, now),
    block: (hash) => state.ancestry.block(hash),
    filter: (message) => filter(state, message),
    status: () => statusOf(state),
    entry: () => state.view.entry,
    finalization: () => state.certificates.finalization,
    lacks: (subject) => lacks(state, subject),
    standing: (from) => standing(state, from),
  };
}

function step(state: CoreState, input: Input, now: Now): Output {
  state.now = Math.max(state.now, now.monotonic);
  state.wall = now.wall;
  state.output = new OutputBuilder();
  apply(state, input);
  settle(state);
  return state.output.finish(state.timers.next);
}

/** Records the input in the state. The rules, in `settle`, draw the consequences. */
function apply(state: CoreState, input: Input): void {
  switch (input.kind) {
    case "started":
      repeatVotes(state);
      break;
    case "message":
      receive(state, input.from, input.message);
      break;
    case "stale":
      answer(state, input.from, input.message);
      break;
    case "tick":
      break;
    case "work":
      notePool(state, input);
      break;
    case "built":
      noteBuilt(state, input);
      break;
    case "verified":
      noteVerdict(state, input.blockHash, input.verdict);
      break;
    case "connected":
      sendStatus(state, input.peer);
      break;
    case "fetched":
      noteFetched(state, input.blocks);
      break;
    case "committed":
      noteCommitted(state, input.height);
      break;
    case "caughtUp":
      acceptCertificate(state, input.finalization);
      noteCaughtUp(state, input.final);
      break;
    default:
      unreachable(input);
  }
}

/**
 * Applies the rules until a pass adds no record and no final block to the output. A rule that lets another one act casts a
 * vote, accepts a certificate, keeps a block or makes one final, and each of these is in the output.
 */
function settle(state: CoreState): void {
  for (let before = -1; before !== state.output.changes; ) {
    before = state.output.changes;
    state.wants = [];
    countVotesAhead(state);
    finalizeHeld(state);
    finalizeNotarized(state);
    wantNotarizedBranch(state);
    runTimers(state);
    noteWaiting(state);
    skipLostView(state);
    judgeProposal(state);
    assessBranch(state);
    propose(state);
  }
  repeatWhenDue(state);
  requestWants(state);
}

/** R25: keeps the wanted blocks, and the ancestors that came with them. */
function noteFetched(state: CoreState, blocks: readonly Block[]): void {
  const wanted = state.wants.flatMap((want) => (want.kind === "block" ? [want.block.hash] : []));
  const descending = [...blocks].sort((left, right) => right.header.height - left.header.height);
  const top = state.ancestry.final.header.height + LIMITS.fetchedHeightsMax;
  for (const block of descending) {
    if (block.header.height > top || !wanted.some((hash) => equalBytes(hash, block.hash))) continue;
    keepBlock(state, block);
    wanted.push(block.header.parentHash);
  }
}

/** Moves to a chain that catch-up made final and committed beside the core. */
function noteCaughtUp(state: CoreState, final: Tip): void {
  if (final.header.height <= state.ancestry.final.header.height) return;
  state.ancestry.adopt(final);
  noteCommitted(state, final.header.height);
  state.timeout.fallBack(state.failingLeaders.usualMs);
  forgetFinal(state);
}

function standing(state: CoreState, from: View): readonly Certificate[] {
  const { certificates, view: current } = state;
  const lowest = view(Math.max(from, settledView(state) + 1));
  const to = view(Math.max(lowest, current.number - 1));
  return certificates.range(lowest, to, LIMITS.certificatesPerMessageMax);
}

function lacks({ ownVotes }: CoreState, subject: VoteSubject): boolean {
  if (ownVotes.isClosed(subject.view)) return false;
  const said = ownVotes.in(subject.view)[subject.kind];
  return said === undefined || !sameSubject(said, subject);
}

function skippedLeaders(state: CoreState): number {
  return state.config.validators.filter(({ index }) => isSilentOrFailing(state, index)).length;
}

function statusOf(state: CoreState): CoreStatus {
  const { hash, header } = state.ancestry.final;
  const known = state.certificates.finalization?.subject.height ?? 0;
  return {
    view: state.view.number,
    finalHeight: header.height,
    finalHash: hash,
    knownFinalHeight: height(Math.max(known, header.height)),
    timeoutMs: state.timeout.currentMs,
    timedOutViews: state.timedOutViews,
    skippedViews: state.skippedViews,
    skippedLeaders: skippedLeaders(state),
    hasUnfinal: state.certificates.unfinal !== undefined,
    working: state.view.running,
  };
}
