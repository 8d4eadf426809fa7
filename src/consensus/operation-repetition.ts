/** To which leader the operations of a repetition go (R6). No vote depends on it. */
import { type ValidatorIndex, type View, view } from "../primitives/numbers.ts";
import { type CoreState, leaderAt } from "./core-state.ts";
import { isTurnSkipped } from "./turns.ts";

/** At half of a view. A leader that has made its proposal orders nothing more in this view, and the view has work for all. */
export function repeatOperations(state: CoreState): void {
  const { number, proposal } = state.view;
  if (proposal === undefined) state.output.repeatOperations(nextLeader(state, number));
}

/** The view is given up. */
export function repeatForNextView(state: CoreState): void {
  state.output.repeatOperations(nextLeader(state, view(state.view.number + 1)));
}

/** The leader of `from` or, if it is skipped, that of the next view whose leader is not. */
function nextLeader(state: CoreState, from: View): ValidatorIndex {
  for (let step = 0; step < state.config.validators.length; step++) {
    const at = view(from + step);
    if (!isTurnSkipped(state, at)) return leaderAt(state, at);
  }
  return leaderAt(state, from);
}
