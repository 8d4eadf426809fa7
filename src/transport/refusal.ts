/**
 * Refusals: a node does not do what it was asked, and nothing was ordered. A refusal is a value with a closed reason;
 * only errors.ts knows its form on the wire (T10).
 */

/** Stable names that programs rely on; errors.ts has the code and the remedy of each. */
export type RefusalReason =
  // The request itself.
  | "MALFORMED"
  | "MISSING_FIELD"
  | "LIMIT"
  | "TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "UNKNOWN_COMPRESSION"
  | "NOT_ACCEPTABLE"
  | "BODY_TIMEOUT"
  | "UNKNOWN_HOST"
  | "FOREIGN_ORIGIN"
  | "METHOD_NOT_ALLOWED"
  | "UNKNOWN_PATH"
  // The caller.
  | "UNAUTHENTICATED"
  | "PERMISSION_DENIED"
  // The operation.
  | "WRONG_NETWORK"
  | "INVALID_SIGNATURE"
  | "NOT_ISSUER"
  | "NOT_CUSTODIAN"
  | "AMOUNT_ZERO"
  | "SELF_TRANSFER"
  | "ID_IN_USE"
  | "PAYMENT_CANCELLED"
  | "WINDOW_PAST"
  | "WINDOW_TOO_FAR"
  | "NOT_ACTIVE"
  // The state, as this node sees it.
  | "UNKNOWN_WALLET"
  | "UNKNOWN_PAYEE"
  | "UNKNOWN_ASSET"
  | "ASSET_MISMATCH"
  | "INSUFFICIENT_FUNDS"
  | "WALLET_EXISTS"
  | "OVERFLOW"
  | "SPONSOR_QUOTA_USED"
  | "NOT_FOUND"
  | "HISTORY_INCOMPLETE"
  | "PRUNED"
  // The node.
  | "POOL_FULL"
  | "MEMORY_SHORT"
  | "TOO_MANY_REQUESTS"
  | "NOT_READY"
  | "LAGGING"
  | "SHUTTING_DOWN"
  | "OUTCOME_UNKNOWN"
  | "DEADLINE_EXCEEDED"
  | "CANCELED"
  | "INTERNAL"
  // For its operator.
  | "NOT_RELOADED"
  // Between nodes.
  | "NOT_A_MEMBER"
  | "STALE_REGISTRATION"
  | "PROTOCOL_MISMATCH";

export interface RefusalParts {
  /** The fault, for a person, as a clause without a full stop. Never contains a secret. */
  readonly message: string;
  /** JSON path of the wrong field; absent if the fault is not in a single field. */
  readonly field?: string;
  /** The remedy; absent: the usual one of the reason. */
  readonly remedy?: string;
  /** Values that belong to the reason: `custodian`, `address`, `id`, `differs`, `held`, `retryAfterMs`, `now`, `clockAheadMs`, `scope`, `bodiesFrom`, `nodes`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export class Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
  readonly field: string;
  readonly remedy: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;

  constructor(reason: RefusalReason, parts: RefusalParts) {
    this.reason = reason;
    this.message = parts.message;
    this.field = parts.field ?? "";
    this.remedy = parts.remedy;
    this.metadata = parts.metadata ?? {};
  }
}
