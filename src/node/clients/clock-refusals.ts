/** Refusals that depend on a clock: a window that is over or not begun, and a wrong clock of this node. */
import type { Operation } from "../../primitives/operation-kinds.ts";
import { Refusal } from "../../transport/refusal.ts";
import { requestNames } from "../../transport/request-names.ts";

export type WindowReason = "validUntilTooEarly" | "expired" | "validUntilTooLate";

export function isWindowReason(reason: string): reason is WindowReason {
  return ["validUntilTooEarly", "expired", "validUntilTooLate"].includes(reason);
}

/** `errorMs`: how far it is ahead of its peers' clocks; negative: behind. */
export function clockIsOff(errorMs: number): string {
  const seconds = (Math.abs(errorMs) / 1000).toFixed(1);
  return `this node's clock is ${seconds} s ${errorMs > 0 ? "ahead of" : "behind"} its peers'`;
}

/** The message says nothing about the client's clock or deadline. */
export function clockWrong(operation: Operation, errorMs: number): Refusal {
  return new Refusal("NOT_READY", {
    message: `${clockIsOff(errorMs)}, so it neither judges a deadline nor sets one`,
    field: fieldOf(operation),
    remedy: "Send the same to another node; the operator of this one has to set its clock.",
    metadata: { clockAheadMs: String(errorMs) },
  });
}

/** Names the time by which this node judges, so that a client sees which clock is off. */
export function outsideWindow(operation: Operation, reason: WindowReason, now: number): Refusal {
  const byMs = Math.abs(now - operation.validUntil);
  const [name, what, where] =
    reason === "validUntilTooLate"
      ? (["WINDOW_TOO_FAR", "the deadline lies farther ahead than allowed", "before"] as const)
      : (["WINDOW_PAST", "the deadline is past", "after"] as const);
  return new Refusal(name, {
    message: `${what}: it is ${now} at this node, ${byMs} ms ${where} it`,
    field: fieldOf(operation),
    metadata: { now: String(now) },
  });
}

function fieldOf(operation: Operation): string {
  return `${requestNames(operation).prefix}validUntil`;
}
