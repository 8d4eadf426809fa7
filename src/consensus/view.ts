/** What a node knows and does in its current view; all of it is dropped when the view is left. */
import type { ValidatorIndex, View } from "../primitives/numbers.ts";
import type { Certificate } from "../primitives/vote.ts";
import type { Proposal } from "./message.ts";

/** A proposal on its way to a vote. */
export interface PendingProposal {
  readonly proposal: Proposal;
  /** What the wall clock showed when it first reached this node (R11). */
  readonly arrivedAt: number;
  /**
   * waiting: consensus lacks something it needs. verifying: the application works on it. unknown: the application
   * lacks something. invalid, valid: judged for good; its maker judged it by making it.
   */
  stage: "waiting" | "verifying" | "unknown" | "valid" | "invalid";
}

export interface CurrentView {
  readonly number: View;
  /** The certificate by which it was entered; none for the first view. */
  readonly entry: Certificate | undefined;
  readonly enteredAt: number;
  /** The first proposal of its leader. */
  proposal: PendingProposal | undefined;
  /** Timers run: there is work (R3). */
  running: boolean;
  /** All of the timeout is over (R3). */
  timedOut: boolean;
  /** The monotonic clock when this node began to wait for operations to be proposed; undefined if it does not (R5). */
  waitingSince: number | undefined;
  /** The same when the leader's proposal was found valid. */
  validAt: number | undefined;
  /** A quarter of the timeout is over (R8). */
  emptyDue: boolean;
  /** A block asked of the application, and the state of its pool at that time. */
  building: { readonly operations: boolean; readonly poolStamp: number } | undefined;
  /** The application had nothing to order while its pool was in this state. */
  nothingToOrderAt: number | undefined;
  /** Peers whose relay of the proposal before was looked at (R32). */
  readonly relayedBy: Set<ValidatorIndex>;
  /** One of them is with the application. */
  isRelayTaken: boolean;
}

export function freshView(
  number: View,
  entered: Pick<CurrentView, "entry" | "enteredAt">,
): CurrentView {
  return {
    number,
    ...entered,
    proposal: undefined,
    running: false,
    timedOut: false,
    waitingSince: undefined,
    validAt: undefined,
    emptyDue: false,
    building: undefined,
    nothingToOrderAt: undefined,
    relayedBy: new Set(),
    isRelayTaken: false,
  };
}
