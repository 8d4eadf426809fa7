/** The leader's proposal: its parent and its content are chosen, and the application is asked to build it (R7, R8). */
import { assert } from "../primitives/assert.ts";
import type { Block } from "../primitives/block.ts";
import { view } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import { certifiedBlock } from "./certificates.ts";
import {
  branchTo,
  type CoreState,
  isOwnTurn,
  isPipelineFull,
  settledView,
  type Want,
} from "./core-state.ts";
import { holdsBack, isAssessedOn } from "./pool-report.ts";

/** R8: asks the application for a block if this node is to propose one now. */
export function propose(state: CoreState): void {
  const { number, running, building } = state.view;
  state.timers.take("propose", state.now);
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
  const isNews = pool.pending && current.nothingToOrderAt !== pool.stamp;
  const news = isNews && isAssessedOn(state, parent);
  if (news && !isPipelineFull(ancestors) && !holdsBack(state, parent)) return "operations";
  // On a parent that is not final, one empty block closes overdue windows and makes the parent final.
  const due = state.ancestry.isFinal(parent.hash) ? pool.overdue : current.emptyDue;
  return due ? "empty" : "nothing";
}
