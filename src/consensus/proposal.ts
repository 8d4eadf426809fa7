/** Proposals: the leader builds one (R7 to R9), the other nodes judge it (R10 to R12). */
import { assert } from "../primitives/assert.ts";
import type { Block, Header } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import { certifiedBlock } from "./certificates.ts";
import {
  branchTo,
  type CoreState,
  isOwnTurn,
  isPipelineFull,
  leaderAt,
  type PendingProposal,
  retryMs,
  settledView,
  type Want,
} from "./core-state.ts";
import type { Verdict } from "./interface.ts";
import { castNotarize, castNullify, castProposal, keepBlock } from "./voting.ts";

/** R8: asks the application for a block if this node is to propose one now. */
export function propose(state: CoreState): void {
  const { number, running, building } = state.view;
  if (!isOwnTurn(state) || !running || building !== undefined) return;
  if (!state.ownVotes.allows("notarize", number)) return;
  const found = findParent(state);
  if (found.kind === "missing") {
    state.wants.push(found.want);
    return;
  }
  const { parent } = found;
  const ancestors = branchTo(state, parent.hash);
  const content = chooseContent(state, parent, ancestors);
  if (content === "nothing") return;
  const operations = content === "operations";
  state.view.building = { operations, poolStamp: state.pool.stamp };
  state.output.request({
    kind: "build",
    epoch: state.config.epoch,
    view: number,
    proposer: state.config.self,
    parent,
    ancestors,
    operations,
  });
}

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

/** R7: the highest certified block below this view with every view between nullified. */
function findParent(
  state: CoreState,
):
  | { readonly kind: "parent"; readonly parent: Tip }
  | { readonly kind: "missing"; readonly want: Want } {
  const { ancestry, certificates } = state;
  const settled = settledView(state);
  let at: number = state.view.number - 1;
  while (at > settled && certificates.certified(view(at)) === undefined) {
    if (!certificates.nullified(view(at))) {
      const from = view(settled + 1);
      return {
        kind: "missing",
        want: { kind: "certificates", from, to: view(at), block: undefined, peer: undefined },
      };
    }
    at -= 1;
  }
  const certificate = at > ancestry.finalView ? certificates.certified(view(at)) : undefined;
  if (certificate === undefined) return { kind: "parent", parent: ancestry.final };
  const connection = ancestry.connection(certifiedBlock(certificate));
  assert(connection.kind !== "conflict", "what is certified above the final view descends from it");
  if (connection.kind === "missing") {
    return { kind: "missing", want: { kind: "block", block: connection.block, certificate } };
  }
  const parent = ancestry.tip(certificate.subject.blockHash);
  assert(parent !== undefined, "a connected block is held");
  return { kind: "parent", parent };
}

/** R8: operations if there are any and restraint allows it; an empty block if one is due; else silence. */
function chooseContent(
  state: CoreState,
  parent: Tip,
  ancestors: readonly Block[],
): "operations" | "empty" | "nothing" {
  const { pool, view: current } = state;
  const news = pool.pending && current.nothingToOrderAt !== pool.stamp;
  if (news && !isPipelineFull(ancestors)) return "operations";
  // On a parent that is not final, one empty block closes overdue windows and makes the parent final.
  const due = state.ancestry.isFinal(parent.hash) ? pool.overdue : current.emptyDue;
  return due ? "empty" : "nothing";
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
