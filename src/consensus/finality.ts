/** Late finalize votes, and blocks becoming final (R15, R16). */
import { assert } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, view } from "../primitives/numbers.ts";
import { castFinalize } from "./casting.ts";
import { certifiedBlock } from "./certificates.ts";
import type { State } from "./state.ts";

/** R16: hands out whatever the highest finalization makes final, once all of it is held. */
export function finalizeHeld(state: State): void {
  const { finalization } = state.certificates;
  if (finalization === undefined) return;
  const { final } = state.ancestry;
  if (finalization.subject.height <= final.header.height) return;
  const way = state.ancestry.way(certifiedBlock(finalization));
  assert(way.kind !== "conflict", "two finalizations contradict one another: more than f faults");
  if (way.kind === "missing") {
    state.wants.push({ kind: "block", block: way.block, certificate: finalization });
    return;
  }
  for (const block of state.ancestry.finalize(finalization.subject.blockHash)) {
    state.draft.finalize({ block, finalization });
    state.uncommitted.push(block);
  }
  if (isChased(state)) state.timeout.grow();
  else state.timeout.fallBack();
  forgetFinal(state);
}

/**
 * R4: the final block is empty and has an empty one on top of it already. Then finality takes longer than the quarter
 * of a timeout for which leaders wait (R8), and unless that wait grows each of them adds one more, for ever.
 */
function isChased({ ancestry }: State): boolean {
  const { operationCount, height } = ancestry.final.header;
  return operationCount === 0 && height > 0 && ancestry.hasEmptyChild;
}

/** R26: nothing of a view that is over is needed any more. */
export function forgetFinal(state: State): void {
  const over = state.ancestry.finalView;
  state.certificates.forgetThrough(over);
  state.tally.forgetThrough(over);
  state.ownVotes.close(over);
  state.unsettled = true;
}

/** R15: finalize every notarized view that was left behind, unless nullify was said in it. */
export function finalizeNotarized(state: State): void {
  // Not all unfinal ones: they are many where finality is held back.
  const { number } = state.view;
  for (let at = view(Math.max(1, number - LIMITS.lateViewsMax)); at < number; at = view(at + 1)) {
    const notarization = state.certificates.notarization(at);
    if (notarization === undefined || !state.ownVotes.may("finalize", at)) continue;
    const { blockHash } = notarization.subject;
    if (at > state.certificates.finalizedView && state.ancestry.isConnected(blockHash)) {
      castFinalize(state, notarization);
    }
  }
}

/** R16, R25: fetches the bodies of the highest notarized branch. */
export function wantNotarized(state: State): void {
  const highest = state.certificates.unfinal;
  if (highest === undefined) return;
  const way = state.ancestry.way(certifiedBlock(highest));
  if (way.kind !== "missing") return;
  state.wants.push({ kind: "block", block: way.block, certificate: highest });
}

/** The store caught up with finality (R8). */
export function noteCommitted(state: State, height: Height): void {
  const above = state.uncommitted.findIndex((block) => block.header.height > height);
  state.uncommitted.splice(0, above === -1 ? state.uncommitted.length : above);
  state.unsettled = true;
}
