/** The outcome of each call as a listener tells it: for metrics and the log, never with anything that the caller sent. */
import type { RefusalReason } from "./refusal.ts";

export type CallOutcome = "OK" | RefusalReason;

export interface EndedCall {
  /** Name of the RPC in the contract; "page" for a page, "preflight" for a preflight, "unknown" if the request reached neither. */
  readonly call: string;
  readonly outcome: CallOutcome;
  /** From the request's headers to the end of its answer, milliseconds. */
  readonly durationMs: number;
  /** A stream lasts as long as its two sides like. */
  readonly isStream: boolean;
}

export interface CallObserver {
  /** Milliseconds; only differences matter. */
  now(): number;
  began(): void;
  /** Called once for each call that began. */
  ended(call: EndedCall): void;
}

export const UNKNOWN_CALL = "unknown";
/** A page, such as /metrics of the operator's listener or a file of the explorer. */
export const PAGE_CALL = "page";
/** The question of a browser whether a web page may call (CORS). */
export const PREFLIGHT_CALL = "preflight";
