/** The other nodes judge a proposal before they execute it: its place, its parent and its time (R10, R11). */
import type { Header } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import { certifiedBlock } from "./certificates.ts";
import {
  branchTo,
  type CoreState,
  isPipelineFull,
  leaderAt,
  type PendingProposal,
  settledView,
  type Want,
} from "./core-state.ts";
import { castNullify } from "./voting.ts";

type Judgement =
  | { readonly kind: "sound"; readonly parent: Tip }
  | { readonly kind: "invalid" }
  | { readonly kind: "missing"; readonly want: Want }
  /** The block's time is too far ahead of the wall clock for another `forMs`. */
  | { readonly kind: "early"; readonly forMs: number };

const INVALID: Judgement = { kind: "invalid" };

/** R10, R12: judges the current proposal. A sound one goes to the application; an invalid one costs a nullify vote. */
export function judgeProposal(state: CoreState): void {
  const pending = state.view.proposal;
  if (state.timers.take("judge", state.now) && pending?.stage === "unknown") {
    pending.stage = "waiting";
  }
  if (pending?.stage !== "waiting" || !state.ownVotes.allows("notarize", state.view.number)) return;
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
      state.output.request({
        kind: "verify",
        proposal: pending.proposal,
        parent: judgement.parent,
        ancestors: branchTo(state, judgement.parent.hash),
      });
      break;
  }
}

/**
 * R10, R11: checks the header's place and time. A time D behind is invalid; a time D ahead waits, unless it is the
 * parent's.
 */
function judge(state: CoreState, { proposal, arrivedAt }: PendingProposal): Judgement {
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

/**
 * R10, R11: checks that the parent is certified and not later than the block, that all views between are nullified,
 * and that the ancestors are held.
 */
function judgeParent(state: CoreState, header: Header): Judgement {
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
    const connection = ancestry.connection(certifiedBlock(certificate));
    if (connection.kind === "conflict") return INVALID;
    if (connection.kind === "missing") {
      return { kind: "missing", want: { kind: "block", block: connection.block, certificate } };
    }
  }
  const parent = ancestry.tip(header.parentHash);
  if (parent === undefined || header.height !== parent.header.height + 1) return INVALID;
  if (header.time < parent.header.time) return INVALID;
  // The leader, if honest, knows a finalization that this node has not received.
  if (header.operationCount > 0 && isPipelineFull(ancestry.chain(header.parentHash))) {
    const at = parent.header.view;
    return { kind: "missing", want: wantCertificates(state, header, { from: at, to: at }) };
  }
  return { kind: "sound", parent };
}

/** R10: a parent other than the highest finalized block has a view of its own, and may still turn out to be notarized. */
function judgeUnknownParent(state: CoreState, header: Header): Judgement {
  const from = view(settledView(state) + 1);
  const last = view(header.view - 1);
  if (last < from || header.height <= state.ancestry.final.header.height + 1) return INVALID;
  const to = state.certificates.highestGap(last, from) ?? last;
  return { kind: "missing", want: wantCertificates(state, header, { from, to }) };
}

/** R18: the proposer is asked first, because it holds the certificates that its proposal needs. */
function wantCertificates(state: CoreState, header: Header, range: { from: View; to: View }): Want {
  const known = state.certificates.ofBlock(header.parentHash) !== undefined;
  const block = known || state.ancestry.isFinal(header.parentHash) ? undefined : header.parentHash;
  return { kind: "certificates", ...range, block, peer: header.proposer };
}
