/** Votes, views and finality: casting votes, accepting certificates, entering views, finalizing blocks (R12 to R16, R21). */
import { assert } from "../primitives/assert.ts";
import type { Block } from "../primitives/block.ts";
import { LIMITS } from "../primitives/limits.ts";
import { leafHash } from "../primitives/merkle-tree.ts";
import { type Height, type View, view } from "../primitives/numbers.ts";
import {
  type Certificate,
  encodeVoteSubject,
  type Vote,
  type VoteSubject,
} from "../primitives/vote.ts";
import { type BlockCertificate, certifiedBlock } from "./certificates.ts";
import { type CoreState, freshView, isOwnTurn, leaderAt, settledView } from "./core-state.ts";
import type { BlockVote, NullifyVote, Proposal } from "./message.ts";
import { relayProposal, takeRelayed } from "./view-sync.ts";

/** R12: says notarize for a block that was judged valid. The block is recorded with the vote. */
export function castNotarize(state: CoreState, block: Block): void {
  const vote = castBlockVote(state, "notarize", block);
  state.output.send("all", { kind: "vote", vote });
  countVote(state, vote);
}

/** R9: a proposal is its leader's notarize vote. */
export function castProposal(state: CoreState, block: Block): void {
  const vote = castBlockVote(state, "notarize", block);
  const proposal = proposalOf(state, block, vote);
  state.view.proposal = { proposal, arrivedAt: state.wall, stage: "valid" };
  state.output.send("all", { kind: "proposal", proposal });
  countVote(state, vote);
}

/** R13: says nullify in the current view. */
export function castNullify(state: CoreState): void {
  const { epoch } = state.config;
  const subject = { kind: "nullify", epoch, view: state.view.number } as const;
  if (!state.ownVotes.allows("nullify", subject.view)) return;
  const vote: NullifyVote = { ...subject, ...sign(state, subject) };
  keep(state, vote);
  const finalHeight = state.ancestry.final.header.height;
  state.output.send("all", { kind: "nullify", vote, finalHeight });
  state.output.request({ kind: "sendOldestOperations" });
  countVote(state, vote);
}

/** R15: says finalize for a notarized block that is held with all its ancestors. */
export function castFinalize(state: CoreState, notarization: BlockCertificate): void {
  const { blockHash } = notarization.subject;
  assert(state.ancestry.isConnected(blockHash), "finalize is said of blocks that are held");
  const subject = { ...notarization.subject, kind: "finalize" } as const;
  const vote: BlockVote = { ...subject, ...sign(state, subject) };
  keep(state, vote);
  state.output.send("all", { kind: "vote", vote });
  countVote(state, vote);
}

/** The leader's proposal that repeats its `vote`. */
export function proposalOf(state: CoreState, block: Block, vote: BlockVote): Proposal {
  const { hash } = state.config;
  const leafHashes = block.operations.map((operation) => leafHash(hash, operation));
  return {
    header: block.header,
    headerBytes: block.headerBytes,
    hash: block.hash,
    leafHashes,
    vote,
  };
}

/** Keeps a block in the tree and records it in the journal (R23). */
export function keepBlock(state: CoreState, block: Block): void {
  if (!state.ancestry.add(block)) return;
  state.output.record({ kind: "block", block });
}

function castBlockVote(state: CoreState, kind: BlockVote["kind"], block: Block): BlockVote {
  keepBlock(state, block);
  const { epoch, view, height } = block.header;
  const subject = { kind, epoch, view, height, blockHash: block.hash };
  const vote: BlockVote = { ...subject, ...sign(state, subject) };
  keep(state, vote);
  return vote;
}

function keep(state: CoreState, vote: Vote): void {
  state.ownVotes.add(vote);
  state.output.record({ kind: "vote", vote });
  state.silentLeaders.hear(vote.signer);
}

function sign(state: CoreState, subject: VoteSubject): Pick<Vote, "signer" | "signature"> {
  const { networkId, self, sign: signBytes } = state.config;
  return { signer: self, signature: signBytes(encodeVoteSubject(networkId, subject)) };
}

/** R2, R22: counts a vote; a quorum that it completes is a certificate like any other. */
export function countVote(state: CoreState, vote: Vote): void {
  const { certificate, evidence } = state.tally.add(vote);
  state.output.prove(evidence);
  if (certificate !== undefined) acceptCertificate(state, certificate);
}

/** R14, R21: certificates are taken from any view that is not over. */
export function acceptCertificate(state: CoreState, certificate: Certificate): void {
  const { subject } = certificate;
  if (subject.epoch !== state.config.epoch || subject.view <= settledView(state)) return;
  for (const { signer } of certificate.signatures) state.silentLeaders.hear(signer);
  if (!state.certificates.add(certificate)) return;
  state.output.prove(state.tally.compare(certificate));
  state.output.record({ kind: "certificate", certificate });
  if (subject.kind === "finalize") state.finalizedAt = state.now;
  if (subject.view >= state.view.number) enterView(state, certificate);
}

/** R5: judges the turn of the leader whose view is left, if this node waited for its proposal. */
function judgeTurn(state: CoreState): void {
  const { number, waitingSince, validAt } = state.view;
  if (waitingSince === undefined || isOwnTurn(state)) return;
  state.failingLeaders.judgeTurn(leaderAt(state, number), {
    waitedMs: state.now - waitingSince,
    latencyMs: validAt === undefined ? undefined : Math.max(0, validAt - waitingSince),
    timeoutMs: state.timeout.currentMs,
  });
}

/** R14: enters the view after that of `certificate`, and broadcasts it. */
function enterView(state: CoreState, certificate: Certificate): void {
  const number = view(certificate.subject.view + 1);
  noteTimeout(state, certificate);
  judgeTurn(state);
  if (certificate.subject.kind === "nullify") state.timeout.viewNullified();
  else state.timeout.viewNotarized();
  if (isLongUnfinal(state, certificate.subject.view)) state.timeout.grow();
  const [{ proposal: left, earlyRelays }, early] = [state.view, state.nextProposal];
  state.nextProposal = undefined;
  state.view = freshView(number, { entry: certificate, enteredAt: state.now });
  if (early?.proposal.header.view === number) state.view.proposal = early;
  state.timers.disarm("empty", "gossip", "nullify", "repeat", "judge");
  state.silentLeaders.enteredView();
  forgetLateViews(state, number);
  state.output.send("all", { kind: "certificates", certificates: [certificate] });
  relayProposal(state, certificate, [left, early]);
  for (const [from, proposal] of earlyRelays) takeRelayed(state, from, proposal);
}

/** Reports the timeout to operators, so that they see a network slower than its timeouts; no rule depends on it. */
function noteTimeout(state: CoreState, { subject }: Certificate): void {
  const { number, timedOut } = state.view;
  if (subject.kind !== "nullify" || subject.view !== number || !timedOut) return;
  state.timedOutViews += 1;
  const [leader, timeoutMs] = [leaderAt(state, number), state.timeout.currentMs];
  state.output.request({ kind: "reportTimeout", view: number, leader, timeoutMs });
}

/** R4: true at every 64th view without finality, whose records are kept until a block is final. */
function isLongUnfinal(state: CoreState, left: View): boolean {
  return (left - settledView(state)) % LIMITS.lateViewsMax === 0 && left > settledView(state);
}

/** R21: votes far behind are no longer counted, and none is cast there. */
export function forgetLateViews(state: CoreState, current: View): void {
  const last = current - LIMITS.lateViewsMax - 1;
  if (last < 1) return;
  state.tally.forgetThrough(view(last));
  state.ownVotes.close(view(last));
  state.ancestry.forgetUncertified(view(last), state.certificates.certifiedHashes());
}

/** R21: votes that were ahead of this node are counted once it is near enough. */
export function countVotesAhead(state: CoreState): void {
  for (const [signer, vote] of state.ahead) {
    if (vote.view > state.view.number + 1) continue;
    state.ahead.delete(signer);
    if (vote.view > settledView(state)) countVote(state, vote);
  }
}

/** R16: outputs the blocks that the highest finalization makes final, once all of them are held. */
export function finalizeHeld(state: CoreState): void {
  const { finalization } = state.certificates;
  if (finalization === undefined) return;
  const { final } = state.ancestry;
  if (finalization.subject.height <= final.header.height) return;
  const connection = state.ancestry.connection(certifiedBlock(finalization));
  assert(
    connection.kind !== "conflict",
    "two finalizations contradict one another: more than f faults",
  );
  if (connection.kind === "missing") {
    state.wants.push({ kind: "block", block: connection.block, certificate: finalization });
    return;
  }
  for (const block of state.ancestry.finalize(finalization.subject.blockHash)) {
    state.output.finalize({ block, finalization });
    state.uncommitted.push(block);
  }
  if (emptyBlocksPileUp(state)) state.timeout.grow();
  else state.timeout.fallBack();
  forgetFinal(state);
}

/**
 * R4: the final block is empty, and an empty block on top of it is already held. So finality takes longer than the
 * quarter of a timeout for which leaders wait (R8). Unless that wait grows, each empty block leads to another, for
 * ever.
 */
function emptyBlocksPileUp({ ancestry }: CoreState): boolean {
  const { operationCount, height } = ancestry.final.header;
  return operationCount === 0 && height > 0 && ancestry.hasEmptyChild;
}

/** R26: drops everything of the views up to the final one. */
export function forgetFinal(state: CoreState): void {
  const over = state.ancestry.finalView;
  state.certificates.forgetThrough(over);
  state.tally.forgetThrough(over);
  state.ownVotes.close(over);
}

/** R15: casts finalize in every notarized view that was left, unless this node said nullify in it. */
export function finalizeNotarized(state: CoreState): void {
  // Looks at the late views only: there may be many unfinal ones if finality is held back.
  const { number } = state.view;
  for (let at = view(Math.max(1, number - LIMITS.lateViewsMax)); at < number; at = view(at + 1)) {
    const notarization = state.certificates.notarization(at);
    if (notarization === undefined || !state.ownVotes.allows("finalize", at)) continue;
    const { blockHash } = notarization.subject;
    if (at > state.certificates.finalizedView && state.ancestry.isConnected(blockHash)) {
      castFinalize(state, notarization);
    }
  }
}

/** R16, R25: fetches the bodies of the highest notarized branch. */
export function wantNotarizedBranch(state: CoreState): void {
  const highest = state.certificates.unfinal;
  if (highest === undefined) return;
  const connection = state.ancestry.connection(certifiedBlock(highest));
  if (connection.kind !== "missing") return;
  state.wants.push({ kind: "block", block: connection.block, certificate: highest });
}

/** The store caught up with finality (R8). */
export function noteCommitted(state: CoreState, height: Height): void {
  const above = state.uncommitted.findIndex((block) => block.header.height > height);
  state.uncommitted.splice(0, above === -1 ? state.uncommitted.length : above);
}
