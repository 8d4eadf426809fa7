/** A line for each refused call, at the log's rate for each reason: the call and its outcome, and nothing that the caller sent. */
import type { EndedCall } from "../../transport/call-observer.ts";
import type { Log } from "./log.ts";

export function logRefusal(log: Log, { call, outcome, durationMs }: EndedCall): void {
  if (outcome !== "OK") log.info({ call, durationMs }, `a call was refused: ${outcome}`);
}
