/** The turns of leaders: which of them this node skips, and its judgement of those that are over (R5). */
import type { ValidatorIndex, View } from "../primitives/numbers.ts";
import type { Certificate } from "../primitives/vote.ts";
import { type CoreState, isOwnTurn, leaderAt, settledView } from "./core-state.ts";

/** R5: true if this node may skip turns of `leader`. */
export function isSilentOrFailing(state: CoreState, leader: ValidatorIndex): boolean {
  return state.silentLeaders.isSilent(leader) || state.failingLeaders.isFailing(leader);
}

/** R5: true if this node does not wait for the leader of `at`, its own view or, if those before bring no block, a later one. */
export function isTurnSkipped(state: CoreState, at: View): boolean {
  const leader = leaderAt(state, at);
  return state.silentLeaders.isSilent(leader) || isFailingTurnSkipped(state, at);
}

/** R5: true if the leader of `at` is failing, and fewer than f views, or 2f + 1, lie between `at` and the highest that is final. */
export function isFailingTurnSkipped(state: CoreState, at: View): boolean {
  const { failingLeaders, faults } = state;
  const leader = leaderAt(state, at);
  const views = failingLeaders.isWaitedInVain(leader) ? 2 * faults + 1 : faults;
  return failingLeaders.isFailing(leader) && at - 1 - settledView(state) < views;
}

/** R5: judges the turn of the leader whose view is left by `certificate`, if this node waited for its proposal. */
export function judgeTurn(state: CoreState, certificate: Certificate): void {
  const { number, waitingSince, validAt, failingSkippedAt } = state.view;
  if (isOwnTurn(state)) return;
  const leader = leaderAt(state, number);
  const { failingLeaders } = state;
  const wasFailing = failingLeaders.isFailing(leader);
  const isPardoned = isSkipUnshared(state, certificate) && failingLeaders.pardon(leader);
  if (!isPardoned && waitingSince !== undefined) {
    failingLeaders.judgeTurn(leader, {
      waitedMs: state.now - waitingSince,
      latencyMs: validAt === undefined ? undefined : Math.max(0, validAt - waitingSince),
      timeoutMs: state.timeout.currentMs,
      isSkipped: failingSkippedAt !== undefined,
    });
  }
  const isFailing = failingLeaders.isFailing(leader);
  if (isFailing === wasFailing) return;
  state.output.request({ kind: "reportFailing", view: number, leader, isFailing });
}

/**
 * R5: true if this node skipped the view's leader, and the view shows that others waited for it: a quorum voted for its
 * proposal, or nullified the view so late that timeouts of others were probably over.
 */
function isSkipUnshared({ view, config, now }: CoreState, { subject }: Certificate): boolean {
  const { number, failingSkippedAt, running } = view;
  if (failingSkippedAt === undefined || subject.view !== number) return false;
  const isLate = running && now - failingSkippedAt >= Math.floor(config.timeoutBaseMs / 2);
  return subject.kind !== "nullify" || isLate;
}
