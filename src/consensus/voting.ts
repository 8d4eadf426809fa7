/**
 * Votes and views: the application's answers become votes, a quorum of votes a certificate, and a certificate a new view
 * (R9, R12 to R14, R21).
 */
import { assert } from "../primitives/assert.ts";
import type { Block } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { LIMITS } from "../primitives/limits.ts";
import { leafHash } from "../primitives/merkle-tree.ts";
import { type View, view } from "../primitives/numbers.ts";
import {
  type Certificate,
  encodeVoteSubject,
  type Vote,
  type VoteSubject,
} from "../primitives/vote.ts";
import type { Tip } from "./ancestry.ts";
import {
  type CoreState,
  freshView,
  isOwnTurn,
  leaderAt,
  retryMs,
  settledView,
} from "./core-state.ts";
import type { Verdict } from "./interface.ts";
import type { BlockVote, NullifyVote, Proposal } from "./message.ts";
import { repeatForNextView } from "./operation-repetition.ts";
import { isTurnSkipped, judgeTurn } from "./turns.ts";
import { relayProposal, takeRelayed } from "./view-sync.ts";

/** R8, R9: turns the application's answer into the proposal, unless the turn is over. */
export function noteBuilt(
  state: CoreState,
  built: { view: View; parentHash: Digest; block: Block | undefined },
): void {
  const { building } = state.view;
  if (built.view !== state.view.number || building === undefined) return;
  const { block } = built;
  // An empty block can always be built; an application that builds none is not asked again in this view.
  if (block === undefined && !building.operations) return;
  state.view.building = undefined;
  if (block === undefined) {
    state.view.nothingToOrderAt = building.poolStamp;
    return;
  }
  const parent = state.ancestry.tip(built.parentHash);
  if (parent === undefined || !state.ownVotes.allows("notarize", built.view)) return;
  assertBuilt(state, block, parent);
  castProposal(state, block);
}

/** The application belongs to this node, so a wrong header is a broken invariant. */
function assertBuilt(state: CoreState, block: Block, parent: Tip): void {
  const { header } = block;
  const { networkId, epoch, self } = state.config;
  assert(
    equalBytes(header.networkId, networkId) && header.epoch === epoch && header.proposer === self,
    "a built block names its network, epoch and proposer",
  );
  assert(
    header.view === state.view.number &&
      header.height === parent.header.height + 1 &&
      equalBytes(header.parentHash, parent.hash) &&
      header.time >= parent.header.time,
    "a built block follows its parent",
  );
  assert(header.operationCount === block.operations.length, "a built block counts its operations");
}

/** R12: applies the application's verdict on a proposal, of this view or of one that was left meanwhile. */
export function noteVerdict(state: CoreState, blockHash: Digest, verdict: Verdict): void {
  if (verdict.kind === "valid" && state.certificates.ofBlock(blockHash) !== undefined) {
    keepBlock(state, verdict.block);
  }
  const pending = state.view.proposal;
  if (pending === undefined || !equalBytes(pending.proposal.hash, blockHash)) return;
  if (!["waiting", "verifying", "unknown"].includes(pending.stage)) return;
  switch (verdict.kind) {
    case "notYetKnown":
      pending.stage = "unknown";
      state.timers.arm("judge", state.now + retryMs(state));
      break;
    case "invalid":
      pending.stage = "invalid";
      castNullify(state);
      break;
    case "valid":
      pending.stage = "valid";
      state.view.validAt = state.now;
      keepBlock(state, verdict.block);
      if (state.ownVotes.allows("notarize", state.view.number)) castNotarize(state, verdict.block);
      break;
  }
}

/** R12: says notarize for a block that was judged valid. The block is recorded with the vote. */
function castNotarize(state: CoreState, block: Block): void {
  const vote = castBlockVote(state, "notarize", block);
  state.output.send("all", { kind: "vote", vote });
  countVote(state, vote);
}

/** R9: a proposal is its leader's notarize vote. */
function castProposal(state: CoreState, block: Block): void {
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
  const vote: NullifyVote = { ...subject, ...signVote(state, subject) };
  keepVote(state, vote);
  const finalHeight = state.ancestry.final.header.height;
  state.output.send("all", { kind: "nullify", vote, finalHeight });
  repeatForNextView(state);
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
  const vote: BlockVote = { ...subject, ...signVote(state, subject) };
  keepVote(state, vote);
  return vote;
}

export function keepVote(state: CoreState, vote: Vote): void {
  state.ownVotes.add(vote);
  state.output.record({ kind: "vote", vote });
  state.silentLeaders.hear(vote.signer);
}

export function signVote(
  state: CoreState,
  subject: VoteSubject,
): Pick<Vote, "signer" | "signature"> {
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

/** R14: enters the view after that of `certificate`, and broadcasts it. */
function enterView(state: CoreState, certificate: Certificate): void {
  const number = view(certificate.subject.view + 1);
  noteTimeout(state, certificate);
  judgeTurn(state, certificate);
  if (certificate.subject.kind === "nullify") state.timeout.viewNullified();
  else state.timeout.viewNotarized();
  if (isLongUnfinal(state, certificate.subject.view)) state.timeout.grow();
  const [{ proposal: left, earlyRelays }, early] = [state.view, state.nextProposal];
  state.nextProposal = undefined;
  state.view = freshView(number, { entry: certificate, enteredAt: state.now });
  if (early?.proposal.header.view === number) state.view.proposal = early;
  state.timers.disarm("empty", "repeatOperations", "nullify", "repeatVotes", "judge", "propose");
  state.silentLeaders.enteredView();
  forgetLateViews(state, number);
  state.output.send("all", { kind: "certificates", certificates: [certificate] });
  relayProposal(state, certificate, [left, early]);
  for (const [from, proposal] of earlyRelays) takeRelayed(state, from, proposal);
}

/** Reports the timeout to operators, so that they see a network slower than its timeouts; no rule depends on it. */
function noteTimeout(state: CoreState, { subject }: Certificate): void {
  const { number, timedOut } = state.view;
  if (subject.kind !== "nullify" || subject.view !== number) return;
  const [leader, timeoutMs] = [leaderAt(state, number), state.timeout.currentMs];
  if (!timedOut && isTurnSkipped(state, number) && !isOwnTurn(state)) state.skippedViews += 1;
  if (!timedOut) return;
  state.timedOutViews += 1;
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
