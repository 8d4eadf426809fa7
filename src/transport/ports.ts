/** The ports of the transport, which its user supplies: a log, and timers for its waits. */

/** Receives the transport's reports; the node supplies its log. */
export interface TransportLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Timers for the transport's own waits, supplied so that tests can move time. */
export interface TransportTimers {
  /** Calls `action` once, after at least `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** Takes down the calls of an operator before they are carried out. */
export interface CallAudit {
  /** `call`: name of the RPC. Settles when the entry is durable; the call fails if it cannot be. */
  called(call: string, principal: string): Promise<void>;
}
