/**
 * How long another process has been silent, counted in the time in which this one could have heard it. A process that
 * was held up itself, or a machine that slept, runs its timers before it reads what has come in meanwhile: by the clock
 * alone everybody else would seem to be dead.
 */

import { startTimer } from "./timers.ts";

/** After each part whatever has arrived is read before the next one begins. */
const PARTS = 4;

/** Calls `action` once `ms` of listening have passed; the answer cancels it. */
export function afterListening(ms: number, action: () => void): () => void {
  let cancel: (() => void) | undefined;
  const listen = (left: number): void => {
    cancel = startTimer(ms / PARTS, () => {
      if (left > 1) listen(left - 1);
      else action();
    });
  };
  listen(PARTS);
  return () => cancel?.();
}
