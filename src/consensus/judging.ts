/** Judging the proposal of the current view: valid, invalid or not yet known (R10, R11, R12). */
import type { Header } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import { castNotarize, castNullify, keepBlock } from "./casting.ts";
import { certifiedBlock } from "./certificates.ts";
import type { Verdict } from "./input.ts";
import {
  branchTo,
  isLaden,
  leaderAt,
  retryMs,
  type State,
  settledView,
  type Want,
} from "./state.ts";
import type { PendingProposal } from "./view.ts";

type Judgement =
  | { readonly kind: "sound"; readonly parent: Tip }
  | { readonly kind: "invalid" }
  | { readonly kind: "missing"; readonly want: Want }
  /** The block's time is too far ahead of the wall clock, and will be for so long. */
  | { readonly kind: "early"; readonly forMs: number };

const INVALID: Judgement = { kind: "invalid" };

/** R10, R12: takes the current proposal as far as it gets: to the application, or to a nullify. */
export function judgeProposal(state: State): void {
  const pending = state.view.proposal;
  if (state.timers.take("judge", state.now) && pending?.stage === "unknown") {
    pending.stage = "waiting";
  }
  if (pending?.stage !== "waiting" || !state.ownVotes.may("notarize", state.view.number)) return;
  const judgement = judge(state, pending);
  switch (judgement.kind) {
    case "invalid":
      pending.stage = "invalid";
      castNullify(state);
      break;
    case "missing":
      state.wants.push(judgement.want);
      break;
    case "early":
      state.timers.arm("judge", state.now + judgement.forMs);
      break;
    case "sound":
      pending.stage = "verifying";
      state.draft.request({
        kind: "verify",
        proposal: pending.proposal,
        parent: judgement.parent,
        ancestors: branchTo(state, judgement.parent.hash),
      });
      break;
  }
}

/** R12: the application's word on a proposal, of this view or of one that was left meanwhile. */
export function noteVerdict(state: State, blockHash: Digest, verdict: Verdict): void {
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
      if (state.ownVotes.may("notarize", state.view.number)) castNotarize(state, verdict.block);
      break;
  }
}

function judge(state: State, { proposal, arrivedAt }: PendingProposal): Judgement {
  const { header, leafHashes } = proposal;
  const { networkId, epoch, clockToleranceMs } = state.config;
  const inPlace =
    equalBytes(header.networkId, networkId) &&
    header.epoch === epoch &&
    header.view === state.view.number &&
    header.proposer === leaderAt(state, state.view.number) &&
    header.operationCount === leafHashes.length &&
    header.height > state.ancestry.final.header.height;
  if (!inPlace || header.time < arrivedAt - clockToleranceMs) return INVALID;
  const judgement = judgeParent(state, header);
  const forMs = header.time - clockToleranceMs - state.wall;
  return judgement.kind === "sound" && forMs > 0 && header.time > judgement.parent.header.time
    ? { kind: "early", forMs }
    : judgement;
}

/** R10: the parent is certified, every view between is nullified, and its body and ancestors are held. */
function judgeParent(state: State, header: Header): Judgement {
  const { ancestry, certificates } = state;
  const certificate = certificates.ofBlock(header.parentHash);
  const isFinal = ancestry.isFinal(header.parentHash);
  if (!isFinal && certificate === undefined) return judgeUnknownParent(state, header);
  const parentView = isFinal ? ancestry.finalView : certificate?.subject.view;
  if (parentView === undefined || parentView < certificates.finalizedView) return INVALID;
  const nearest = view(parentView + 1);
  const gap = certificates.highestGap(view(header.view - 1), nearest);
  if (gap !== undefined) {
    return { kind: "missing", want: wantCertificates(state, header, { from: nearest, to: gap }) };
  }
  if (certificate !== undefined && !isFinal) {
    const way = ancestry.way(certifiedBlock(certificate));
    if (way.kind === "conflict") return INVALID;
    if (way.kind === "missing") {
      return { kind: "missing", want: { kind: "block", block: way.block, certificate } };
    }
  }
  const parent = ancestry.tip(header.parentHash);
  if (parent === undefined || header.height !== parent.header.height + 1) return INVALID;
  if (header.time < parent.header.time) return INVALID;
  // Its leader, if honest, knows a finalization that was not heard of here.
  if (header.operationCount > 0 && isLaden(ancestry.chain(header.parentHash))) {
    const at = parent.header.view;
    return { kind: "missing", want: wantCertificates(state, header, { from: at, to: at }) };
  }
  return { kind: "sound", parent };
}

/** R10: any parent but the highest finalized block has a view of its own, and may still turn out to be notarized. */
function judgeUnknownParent(state: State, header: Header): Judgement {
  const from = view(settledView(state) + 1);
  const last = view(header.view - 1);
  if (last < from || header.height <= state.ancestry.final.header.height + 1) return INVALID;
  const to = state.certificates.highestGap(last, from) ?? last;
  return { kind: "missing", want: wantCertificates(state, header, { from, to }) };
}

/** R18: whoever made a proposal holds the certificates that it rests on. */
function wantCertificates(state: State, header: Header, range: { from: View; to: View }): Want {
  const known = state.certificates.ofBlock(header.parentHash) !== undefined;
  const block = known || state.ancestry.isFinal(header.parentHash) ? undefined : header.parentHash;
  return { kind: "certificates", ...range, block, peer: header.proposer };
}
