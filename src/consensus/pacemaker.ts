/** The pacemaker: work, the timers that run only while there is some, and repetition (R2 to R6, R13, R20). */
import { LIMITS } from "../primitives/limits.ts";
import { branchTo, isLaden, isOwnTurn, leaderAt, type State } from "./core-state.ts";
import type { BlockVote } from "./message.ts";
import { castNullify, proposalOf } from "./voting.ts";

/** R2: is there anything that this view has to get done? */
export function hasWork(state: State): boolean {
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
export function runTimers(state: State): void {
  const { timers, view, now } = state;
  const working = hasWork(state);
  if (!working && view.running) {
    view.running = false;
    timers.disarm("empty", "gossip", "nullify", "repeat");
  }
  if (working && !view.running) {
    view.running = true;
    const timeoutMs = state.timeout.currentMs;
    timers.arm("empty", now + Math.floor(timeoutMs / 4));
    timers.arm("gossip", now + Math.floor(timeoutMs / 2));
    timers.arm("nullify", now + timeoutMs);
    timers.arm("repeat", now + Math.floor(timeoutMs / 4));
  }
  if (timers.take("empty", now)) view.emptyDue = true;
  if (timers.take("gossip", now)) state.draft.request({ kind: "sendOldestOperations" });
  if (timers.take("nullify", now)) {
    view.timedOut = true;
    castNullify(state);
  }
}

/** R5: a leader is judged by how long operations wait for its proposal, from when on they could be in it. */
export function noteWaiting(state: State): void {
  const { view, pool } = state;
  if (view.validAt !== undefined) return;
  // What was ordered meanwhile is waited for no more.
  if (!view.running || !pool.pending) view.waitingSince = undefined;
  else if (view.waitingSince === undefined && mayOrder(state)) view.waitingSince = state.now;
}

/** False if the leader may have to hold operations back (R8), or if its parent is not held here to tell. */
function mayOrder(state: State): boolean {
  const { ancestry, certificates } = state;
  const highest = certificates.unfinal?.subject.blockHash ?? ancestry.final.hash;
  return ancestry.isConnected(highest) && !isLaden(branchTo(state, highest));
}

/** R5, R13: a view is not waited for if its leader does not lead, or if no block can be notarized in it any more. */
export function skipHopelessView(state: State): void {
  const { view, config, leaders, failingLeaders, tally } = state;
  if (!view.running) return;
  const leader = leaderAt(state, view.number);
  const isSkipped = leaders.isSilent(leader) || failingLeaders.isFailing(leader);
  if (isSkipped && !isOwnTurn(state)) castNullify(state);
  else if (!tally.canBeNotarized(view.number, config.validators.length)) castNullify(state);
}

/** R20: says again, while there is work, what may have been lost. */
export function repeatWhenDue(state: State): void {
  if (!state.timers.take("repeat", state.now)) return;
  repeatVotes(state);
  state.timers.arm("repeat", state.now + Math.floor(state.timeout.currentMs / 4));
}

/** R20, R24: what this node said in its view, and the finalize votes that may still be needed. */
export function repeatVotes(state: State): void {
  const { certificates, draft, ownVotes } = state;
  const finalizes = ownVotes.newestFinalizes(certificates.finalizedView, LIMITS.repeatedVotesMax);
  for (const vote of finalizes) draft.send("all", { kind: "vote", vote });
  const { notarize, nullify } = ownVotes.in(state.view.number);
  if (notarize !== undefined) repeatNotarize(state, notarize);
  if (nullify === undefined) return;
  const finalHeight = state.ancestry.final.header.height;
  draft.send("all", { kind: "nullify", vote: nullify, finalHeight });
  draft.request({ kind: "sendOldestOperations" });
}

/** R9: the leader's notarize vote is its proposal. */
function repeatNotarize(state: State, vote: BlockVote): void {
  const block = isOwnTurn(state) ? state.ancestry.block(vote.blockHash) : undefined;
  if (block === undefined) state.draft.send("all", { kind: "vote", vote });
  else state.draft.send("all", { kind: "proposal", proposal: proposalOf(state, block, vote) });
}
