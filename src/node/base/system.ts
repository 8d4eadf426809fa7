/** The world as a node sees it, handed in so that tests can give it another: clock, timers, entropy. */
import type { Bytes } from "../../primitives/bytes.ts";
import { entropy } from "./crypto.ts";

export interface System {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Calls `action` once, after `delayMs` at the earliest; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** Random bytes that nobody can guess. */
  entropy(length: number): Bytes;
}

/** setTimeout's own limit; a longer wait comes early, and whoever waits looks at the clock again. */
const DELAY_MS_MAX = 2_147_483_647;

export const realSystem: System = {
  now: () => Date.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX));
    return () => clearTimeout(timer);
  },
  entropy,
};
