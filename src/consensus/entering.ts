/** Accepting certificates and entering views by them (R14). */

import { LIMITS } from "../primitives/limits.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { Certificate, Vote } from "../primitives/vote.ts";
import { relayProposal } from "./relay.ts";
import { isOwnTurn, leaderAt, type State, settledView } from "./state.ts";
import { freshView } from "./view.ts";

/** R2, R22: counts a vote; a quorum that it completes is a certificate like any other. */
export function countVote(state: State, vote: Vote): void {
  const { certificate, evidence } = state.tally.add(vote);
  state.draft.prove(evidence);
  if (certificate !== undefined) acceptCertificate(state, certificate);
}

/** R14, R21: certificates are taken from any view that is not over. */
export function acceptCertificate(state: State, certificate: Certificate): void {
  const { subject } = certificate;
  if (subject.epoch !== state.config.epoch || subject.view <= settledView(state)) return;
  for (const { signer } of certificate.signatures) state.leaders.hear(signer);
  if (!state.certificates.add(certificate)) return;
  state.draft.prove(state.tally.compare(certificate));
  state.draft.record({ kind: "certificate", certificate });
  state.unsettled = true;
  if (subject.kind === "finalize") state.finalizedAt = state.now;
  if (subject.view >= state.view.number) enterView(state, certificate);
}

/** R5: how the leader of the view that is left did in its turn, as far as this node waited for it. */
function judgeTurn(state: State): void {
  const { number, waitingSince, validAt } = state.view;
  if (waitingSince === undefined || isOwnTurn(state)) return;
  state.failingLeaders.judgeTurn(leaderAt(state, number), {
    waitedMs: state.now - waitingSince,
    latencyMs: validAt === undefined ? undefined : Math.max(0, validAt - waitingSince),
    timeoutMs: state.timeout.currentMs,
  });
}

/** R14: enters the view after that of `certificate`, and tells everybody why. */
function enterView(state: State, certificate: Certificate): void {
  const number = view(certificate.subject.view + 1);
  noteTimeout(state, certificate);
  judgeTurn(state);
  if (certificate.subject.kind === "nullify") state.timeout.viewNullified();
  else state.timeout.viewNotarized();
  if (isLongUnfinal(state, certificate.subject.view)) state.timeout.grow();
  const [left, early] = [state.view.proposal, state.nextProposal];
  state.nextProposal = undefined;
  state.view = freshView(number, { entry: certificate, enteredAt: state.now });
  if (early?.proposal.header.view === number) state.view.proposal = early;
  state.timers.disarm("empty", "gossip", "nullify", "repeat", "judge");
  state.leaders.enteredView();
  forgetLateViews(state, number);
  state.draft.send("all", { kind: "certificates", certificates: [certificate] });
  relayProposal(state, certificate, [left, early]);
}

/** For whoever has to find out that a network is slower than its timeouts; no rule looks at it. */
function noteTimeout(state: State, { subject }: Certificate): void {
  const { number, timedOut } = state.view;
  if (subject.kind !== "nullify" || subject.view !== number || !timedOut) return;
  state.timedOutViews += 1;
  const [leader, timeoutMs] = [leaderAt(state, number), state.timeout.currentMs];
  state.draft.request({ kind: "reportTimeout", view: number, leader, timeoutMs });
}

/** R4: views go by and nothing becomes final; what they leave behind is kept until something does. */
function isLongUnfinal(state: State, left: View): boolean {
  return (left - settledView(state)) % LIMITS.lateViewsMax === 0 && left > settledView(state);
}

/** R21: what lies far behind is not counted any more, and nothing is said there any more. */
export function forgetLateViews(state: State, current: View): void {
  const last = current - LIMITS.lateViewsMax - 1;
  if (last < 1) return;
  state.tally.forgetThrough(view(last));
  state.ownVotes.close(view(last));
  state.ancestry.forgetUncertified(view(last), state.certificates.certifiedHashes());
}

/** R21: votes that were ahead of this node are counted once it is near enough. */
export function countVotesAhead(state: State): void {
  for (const [signer, vote] of state.ahead) {
    if (vote.view > state.view.number + 1) continue;
    state.ahead.delete(signer);
    if (vote.view > settledView(state)) countVote(state, vote);
  }
}
