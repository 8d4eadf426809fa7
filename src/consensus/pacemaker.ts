/** The pacemaker: work, the timers that run only while there is some, and repetition (R2 to R6, R13, R20). */
import { LIMITS } from "../primitives/limits.ts";
import { branchTo, type CoreState, isOwnTurn, isPipelineFull, leaderAt } from "./core-state.ts";
import type { BlockVote } from "./message.ts";
import { repeatForNextView, repeatOperations } from "./operation-repetition.ts";
import { heldBackUntil } from "./pool-report.ts";
import { isFailingTurnSkipped, isTurnSkipped } from "./turns.ts";
import { castNullify, proposalOf } from "./voting.ts";

/** R2: true if this view has something to get done. */
export function hasWork(state: CoreState): boolean {
  return (
    state.pool.pending ||
    state.pool.overdue ||
    state.view.proposal !== undefined ||
    state.ownVotes.in(state.view.number).notarize !== undefined ||
    state.nextProposal !== undefined ||
    state.certificates.unfinal !== undefined ||
    state.tally.nullifyCount(state.view.number) > state.faults
  );
}

/** R3: starts the timers of the view when work appears, stops them when it is gone. */
export function runTimers(state: CoreState): void {
  const { timers, view, now } = state;
  const working = hasWork(state);
  if (!working && view.running) {
    view.running = false;
    timers.disarm("empty", "repeatOperations", "nullify", "repeatVotes");
  }
  if (working && !view.running) {
    view.running = true;
    // The time in which there was no work shows nothing.
    if (view.failingSkippedAt !== undefined) view.failingSkippedAt = now;
    const timeoutMs = state.timeout.currentMs;
    timers.arm("empty", now + Math.floor(timeoutMs / 4));
    timers.arm("repeatOperations", now + Math.floor(timeoutMs / 2));
    timers.arm("nullify", now + timeoutMs);
    timers.arm("repeatVotes", now + Math.floor(timeoutMs / 4));
  }
  if (timers.take("empty", now)) view.emptyDue = true;
  if (timers.take("repeatOperations", now)) repeatOperations(state);
  if (timers.take("nullify", now)) {
    view.timedOut = true;
    castNullify(state);
  }
}

/** R5: records the time from which the operations could have been in the leader's proposal. */
export function noteWaiting(state: CoreState): void {
  const { view, pool } = state;
  if (view.validAt !== undefined) return;
  // Operations that were ordered meanwhile no longer count.
  if (!view.running || !pool.pending) view.waitingSince = undefined;
  else if (view.waitingSince === undefined && mayOrder(state)) {
    // Until then the leader may hold them back.
    view.waitingSince = Math.max(state.now, heldBackUntil(state).most);
  }
}

/** False if the leader may have too many blocks above its last committed one (R8), or if this node lacks the parent and cannot tell. */
function mayOrder(state: CoreState): boolean {
  const { ancestry, certificates } = state;
  const highest = certificates.unfinal?.subject.blockHash ?? ancestry.final.hash;
  return ancestry.isConnected(highest) && !isPipelineFull(branchTo(state, highest));
}

/** R5, R13: nullifies the view at once if its leader is skipped, or if no block of it can be notarized any more. */
export function skipLostView(state: CoreState): void {
  const { view, config, tally } = state;
  if (!view.running) return;
  if (!tally.canBeNotarized(view.number, config.validators.length)) castNullify(state);
  // The node may have waited for a proposal, until a finalization let it skip the leader again.
  else if (view.proposal?.stage !== "valid" && !isOwnTurn(state)) skipTurn(state);
}

function skipTurn(state: CoreState): void {
  const { number } = state.view;
  const isSilent = state.silentLeaders.isSilent(leaderAt(state, number));
  if (!isTurnSkipped(state, number) || !state.ownVotes.allows("nullify", number)) return;
  if (!isSilent && isFailingTurnSkipped(state, number)) state.view.failingSkippedAt = state.now;
  castNullify(state);
}

/** R20: repeats, while there is work, the votes that may have been lost. */
export function repeatWhenDue(state: CoreState): void {
  if (!state.timers.take("repeatVotes", state.now)) return;
  repeatVotes(state);
  state.timers.arm("repeatVotes", state.now + Math.floor(state.timeout.currentMs / 4));
}

/** R20, R24: sends the votes of this node in its view again, and the finalize votes that may still be needed. */
export function repeatVotes(state: CoreState): void {
  const { certificates, output, ownVotes } = state;
  const finalizes = ownVotes.newestFinalizes(certificates.finalizedView, LIMITS.repeatedVotesMax);
  for (const vote of finalizes) output.send("all", { kind: "vote", vote });
  const { notarize, nullify } = ownVotes.in(state.view.number);
  if (notarize !== undefined) repeatNotarize(state, notarize);
  if (nullify === undefined) return;
  const finalHeight = state.ancestry.final.header.height;
  output.send("all", { kind: "nullify", vote: nullify, finalHeight });
  repeatForNextView(state);
}

/** R9: the leader's notarize vote is its proposal. */
function repeatNotarize(state: CoreState, vote: BlockVote): void {
  const block = isOwnTurn(state) ? state.ancestry.block(vote.blockHash) : undefined;
  if (block === undefined) state.output.send("all", { kind: "vote", vote });
  else state.output.send("all", { kind: "proposal", proposal: proposalOf(state, block, vote) });
}
