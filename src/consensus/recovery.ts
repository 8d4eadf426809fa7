/** Rebuilds the core from the last committed block and the journal (R24, R28). */
import { assert } from "../primitives/assert.ts";
import { type View, view } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import type { BlockCertificate } from "./certificates.ts";
import { type CoreState, freshState, freshView, isOwnTurn, settledView } from "./core-state.ts";
import { assertConfig, type ConsensusConfig } from "./interface.ts";
import type { JournalEntry } from "./journal.ts";
import { forgetLateViews, proposalOf } from "./voting.ts";

export interface RecoveredFrom {
  /** The last block in the store; the genesis header at the first start. */
  readonly final: Tip;
  /** The finalization that covers it; none for the genesis. */
  readonly finalization: BlockCertificate | undefined;
  /** This node casts no vote below it: its journal may have lost votes there (R28). 1 for a journal that lost nothing. */
  readonly firstView: View;
  /** The records of the journal, in its order. */
  readonly entries: readonly JournalEntry[];
}

export function recoverState(config: ConsensusConfig, from: RecoveredFrom): CoreState {
  assertConfig(config);
  const state = freshState(config, from.final);
  state.ownVotes.close(state.ancestry.finalView);
  state.ownVotes.close(view(from.firstView - 1));
  if (from.finalization?.subject.epoch === config.epoch) state.certificates.add(from.finalization);
  let highest: View = view(Math.max(1, settledView(state) + 1));
  for (const entry of from.entries) {
    replay(state, entry);
    if (entry.kind === "block") continue;
    const entered =
      entry.kind === "vote" ? entry.vote.view : view(entry.certificate.subject.view + 1);
    if (entered > highest) highest = entered;
  }
  resume(state, highest);
  return state;
}

function replay(state: CoreState, entry: JournalEntry): void {
  const settled = settledView(state);
  switch (entry.kind) {
    case "block":
      state.ancestry.add(entry.block);
      break;
    case "certificate":
      if (entry.certificate.subject.view > settled) state.certificates.add(entry.certificate);
      break;
    case "vote":
      if (entry.vote.view <= state.ancestry.finalView) break;
      state.ownVotes.add(entry.vote);
      state.tally.add(entry.vote);
      break;
  }
}

/** Enters the highest view of the journal again; if this node proposed there, the proposal stands. */
function resume(state: CoreState, at: View): void {
  const entry = at === 1 ? undefined : state.certificates.leaving(view(at - 1));
  assert(at === 1 || entry !== undefined, "a view is entered by a certificate");
  state.view = freshView(at, { entry, enteredAt: 0 });
  forgetLateViews(state, at);
  const vote = state.ownVotes.in(at).notarize;
  if (vote === undefined || !isOwnTurn(state)) return;
  const block = state.ancestry.block(vote.blockHash);
  assert(block !== undefined, "a block is in the journal with its vote");
  state.view.proposal = { proposal: proposalOf(state, block, vote), arrivedAt: 0, stage: "valid" };
}
