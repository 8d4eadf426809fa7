/** The reports on the pool that the core gets, on which branch (R2), and how long a leader holds operations back in it (R8). */
import { equalBytes } from "../primitives/bytes.ts";
import type { View } from "../primitives/numbers.ts";
import type { Tip } from "./ancestry.ts";
import { branchTo, type CoreState } from "./core-state.ts";
import type { Input } from "./interface.ts";

/**
 * R8: a leader holds operations back for this part of the shortest timeout: one twelfth. It is shorter than the quarter after which
 * an empty block is due, and followers grant it (R5). docs/protocol.md and docs/timings.md state it.
 */
const HELD_BACK_PART = 12;

/** R2: takes the driver's report. */
export function notePool(state: CoreState, report: Extract<Input, { kind: "work" }>): void {
  const { pending, overdue, worthABlock } = report;
  state.pool = { pending, overdue, worthABlock, stamp: state.pool.stamp + 1 };
  state.isAssessed = true;
  state.view.foundWaiting ??= pending;
}

/** R2: has the pool assessed on the highest notarized branch that is held. */
export function assessBranch(state: CoreState): void {
  const branch = highestBranch(state);
  if (equalBytes(branch.hash, state.assessedBranch)) return;
  state.assessedBranch = branch.hash;
  state.isAssessed = false;
  const ancestors = branchTo(state, branch.hash);
  state.output.request({ kind: "assessWork", branch, ancestors });
}

function highestBranch({ ancestry, certificates }: CoreState): Tip {
  // The highest is nearly always held. There may be many others if finality is held back.
  const highest = certificates.unfinal?.subject.blockHash;
  const held = highest && ancestry.isConnected(highest) ? ancestry.tip(highest) : undefined;
  if (held !== undefined) return held;
  let branch: Tip = ancestry.final;
  let branchView: View = ancestry.finalView;
  for (const { subject } of certificates.unfinalNotarizations()) {
    const connected = ancestry.isConnected(subject.blockHash);
    const tip = connected ? ancestry.tip(subject.blockHash) : undefined;
    if (tip === undefined || subject.view <= branchView) continue;
    branch = tip;
    branchView = subject.view;
  }
  return branch;
}

/** False until the report on a new branch is here, which comes at once: the last one may be about what the parent has ordered. */
export function isAssessedOn(state: CoreState, parent: Tip): boolean {
  return state.isAssessed || !equalBytes(parent.hash, state.assessedBranch);
}

/** R8: where operations come one after another, a block waits for more of them: its cost hardly depends on their number. */
export function holdsBack(state: CoreState, parent: Tip): boolean {
  const { view: current, pool, timers, now, ancestry } = state;
  const { least, most } = heldBackUntil(state);
  if (current.foundWaiting !== true || pool.worthABlock || now >= most) return false;
  if (now >= least && ancestry.isFinal(parent.hash)) return false;
  timers.arm("propose", now < least ? least : most);
  return true;
}

/** R8: from when a leader holds nothing back if the parent is final, and from when it holds nothing back at all. */
export function heldBackUntil(state: CoreState): { readonly least: number; readonly most: number } {
  const { entry, enteredAt } = state.view;
  const follows = entry !== undefined && entry.subject.kind !== "nullify";
  const mostMs = follows ? Math.floor(state.config.timeoutBaseMs / HELD_BACK_PART) : 0;
  return { least: enteredAt + Math.floor(mostMs / 2), most: enteredAt + mostMs };
}
