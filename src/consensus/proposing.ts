/** The leader's turn: which parent, which content, or silence (R7, R8, R9). */
import { assert } from "../primitives/assert.ts";
import type { Block } from "../primitives/block.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import { castProposal } from "./casting.ts";
import { certifiedBlock } from "./certificates.ts";
import { branchTo, isLaden, isOwnTurn, type State, settledView, type Want } from "./state.ts";

/** R8: asks the application for a block if this node is to propose one now. */
export function propose(state: State): void {
  const { number, running, building } = state.view;
  if (!isOwnTurn(state) || !running || building !== undefined) return;
  if (!state.ownVotes.may("notarize", number)) return;
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
  state.draft.request({
    kind: "build",
    epoch: state.config.epoch,
    view: number,
    proposer: state.config.self,
    parent,
    ancestors,
    operations,
  });
}

/** R8, R9: the application's answer becomes the proposal, unless the turn is over. */
export function noteBuilt(
  state: State,
  built: { view: View; parentHash: Digest; block: Block | undefined },
): void {
  const { building } = state.view;
  if (built.view !== state.view.number || building === undefined) return;
  const { block } = built;
  // An empty block can always be built; whoever says no to that is not asked again in this view.
  if (block === undefined && !building.operations) return;
  state.view.building = undefined;
  if (block === undefined) {
    state.view.nothingToOrderAt = building.poolStamp;
    return;
  }
  const parent = state.ancestry.tip(built.parentHash);
  if (parent === undefined || !state.ownVotes.may("notarize", built.view)) return;
  assertBuilt(state, block, parent);
  castProposal(state, block);
}

/** R7: the highest certified block below this view with every view between nullified. */
function findParent(
  state: State,
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
  const way = ancestry.way(certifiedBlock(certificate));
  assert(way.kind !== "conflict", "what is certified above the final view descends from it");
  if (way.kind === "missing") {
    return { kind: "missing", want: { kind: "block", block: way.block, certificate } };
  }
  const parent = ancestry.tip(certificate.subject.blockHash);
  assert(parent !== undefined, "a connected block is held");
  return { kind: "parent", parent };
}

/** R8: operations if there are any and restraint allows it; an empty block if one is due; else silence. */
function chooseContent(
  state: State,
  parent: Tip,
  ancestors: readonly Block[],
): "operations" | "empty" | "nothing" {
  const { pool, view: current } = state;
  const news = pool.pending && current.nothingToOrderAt !== pool.stamp;
  if (news && !isLaden(ancestors)) return "operations";
  // On a parent that is not final, one block ends what is overdue and makes the parent final.
  const due = state.ancestry.isFinal(parent.hash) ? pool.overdue : current.emptyDue;
  return due ? "empty" : "nothing";
}

/** The application is this node's own: a header out of place is its broken invariant. */
function assertBuilt(state: State, block: Block, parent: Tip): void {
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
