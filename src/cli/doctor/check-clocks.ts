/** Checks of `countersign doctor`: this machine's clock against those of its peers, by the rule of a running node (T8). */
import { type ClockReading, clockError, clockOffset } from "../../node/peers/clock-error.ts";
import { faultsTolerated } from "../../primitives/validators.ts";
import type { Examination } from "./examination.ts";

export interface PeerReading {
  readonly id: string;
  readonly reading: ClockReading;
}

export function checkClocks(
  peers: readonly PeerReading[],
  { members, clockSkewMs }: { readonly members: number; readonly clockSkewMs: number },
  examination: Examination,
): void {
  const readings = peers.map(({ reading }) => reading);
  const faults = faultsTolerated(members);
  const offset = clockOffset(readings, { faults });
  if (offset === undefined) {
    const some = peers.length === 0 ? "none" : `only ${peers.length}`;
    examination.leaveOut("clock", `${some} of its peers told theirs`);
    return;
  }
  examination.checked();
  const wrong = clockError(readings, { faults, limitMs: clockSkewMs });
  const doubtful = wrong ?? clockError(readings, { faults, limitMs: clockSkewMs / 2 });
  if (doubtful !== undefined) {
    const what = `this machine's clock is ${told(doubtful)} its peers', and clockSkewMs is ${clockSkewMs}`;
    examination.found(wrong === undefined ? "CLOCK_DOUBTFUL" : "CLOCK_WRONG", what);
  }
  for (const { id, reading } of peers) {
    const aheadMs = offset - reading.aheadMs;
    if (Math.abs(aheadMs) - reading.errorMs <= clockSkewMs) continue;
    examination.found("PEER_CLOCK_WRONG", `the clock of ${id} is ${told(aheadMs)} the others'`);
  }
}

function told(aheadMs: number): string {
  return `${Math.round(Math.abs(aheadMs))} ms ${aheadMs > 0 ? "ahead of" : "behind"}`;
}
