/** The errors of the client library, with closed codes. An aborted call throws the reason of its signal instead. */
import type { Refusal } from "../transport/refusal.ts";

export type LedgerErrorCode =
  /** No gateway answered in time. The outcome of an order is unknown then: repeat the same order. */
  | "UNREACHABLE"
  /**
   * Each gateway that answered refused; `refusal` is that of the first. It is their word: an order that was sent may be ordered all the
   * same until its deadline is past.
   */
  | "REFUSED"
  /** The gateways' answers do not prove themselves, or contradict what is proven: they lie or are broken. */
  | "UNPROVEN"
  /** The gateways answered from a state that is older than one that this client has seen proven, or than was asked for. */
  | "STALE"
  /** The terms of an order cannot be signed; the message names the field. */
  | "INVALID"
  /** The id is that of another payment of this outbox. */
  | "ID_IN_USE"
  /** Another program, or another part of this one, has the outbox open. */
  | "OUTBOX_LOCKED"
  /** The outbox is that of another wallet or network, or no outbox. */
  | "OUTBOX_FOREIGN"
  /** The outbox does not hold what was written to it. */
  | "OUTBOX_DAMAGED"
  /** The outbox has no room: forget payments that are handled. */
  | "OUTBOX_FULL"
  /** The storage of the outbox failed. Open it again: what it holds is sent then. */
  | "OUTBOX_FAILED"
  /** The folder of wallet keys, its passphrase or a key file in it cannot be used. */
  | "KEYS_UNUSABLE"
  /** It was closed. */
  | "CLOSED";

export interface GatewayFailure {
  /** The gateway's name. */
  readonly gateway: string;
  readonly error: unknown;
}

export interface LedgerErrorDetails {
  readonly refusal?: Refusal | undefined;
  readonly failures?: readonly GatewayFailure[] | undefined;
  readonly cause?: unknown;
}

export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;
  readonly refusal: Refusal | undefined;
  /** One for each gateway that was asked. */
  readonly failures: readonly GatewayFailure[];

  constructor(code: LedgerErrorCode, message: string, details: LedgerErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.refusal = details.refusal;
    this.failures = details.failures ?? [];
  }
}

/** A gateway's answer proves nothing, or contradicts what is proven: it is left, and another one is asked. */
export class GatewayFault extends Error {
  override readonly name = "GatewayFault";
}

/** A gateway's answer is from an older state than one that is proven; another one is asked. */
export class StaleAnswer extends Error {
  override readonly name = "StaleAnswer";
}
