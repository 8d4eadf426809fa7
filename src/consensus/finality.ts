/** Finality: finalize votes for notarized blocks, and the blocks that a quorum of them makes final (R15, R16, R26). */
import { assert } from "../primitives/assert.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, view } from "../primitives/numbers.ts";
import { type BlockCertificate, certifiedBlock } from "./certificates.ts";
import type { CoreState } from "./core-state.ts";
import type { BlockVote } from "./message.ts";
import { countVote, keepVote, signVote } from "./voting.ts";

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

/** R15: says finalize for a notarized block that is held with all its ancestors. */
function castFinalize(state: CoreState, notarization: BlockCertificate): void {
  const { blockHash } = notarization.subject;
  assert(state.ancestry.isConnected(blockHash), "finalize is said of blocks that are held");
  const subject = { ...notarization.subject, kind: "finalize" } as const;
  const vote: BlockVote = { ...subject, ...signVote(state, subject) };
  keepVote(state, vote);
  state.output.send("all", { kind: "vote", vote });
  countVote(state, vote);
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
  else state.timeout.fallBack(state.failingLeaders.usualMs);
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
