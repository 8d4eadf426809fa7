/** The world as a node sees it, handed in so that tests can give it another: clock, timers, entropy. */
import type { Bytes } from "../../primitives/bytes.ts";
import { boundDuration, startTimer } from "../../transport/timers.ts";
import { entropy } from "./crypto.ts";

export interface System {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Calls `action` once, after `delayMs` at the earliest; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** Random bytes that nobody can guess. */
  entropy(length: number): Bytes;
}

export const realSystem: System = {
  now: () => Date.now(),
  // A longer wait comes early, and its owner looks at the clock again.
  after: (delayMs, action) => startTimer(boundDuration(delayMs), action),
  entropy,
};
