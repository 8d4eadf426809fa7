/** The ports of the transport: a log, and the timers of its waits, handed in by its user. */

/** Takes what the transport reports; the node hands in its log. */
export interface TransportLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** The timers of the transport's own waits, handed in so that tests can move time. */
export interface TransportTimers {
  /** Calls `action` once, after `delayMs` at the earliest; the answer cancels it. */
  after(delayMs: number, action: () => void): () => void;
}
