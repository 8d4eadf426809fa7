/** Time as the transport's own waits see it, handed in so that tests can move it. */
export interface Timers {
  /** Calls `action` once, after `delayMs` at the earliest; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void;
}
