/** Maps refusals to the wire and back; no other file knows Connect's codes. */
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  codeToHttpStatus,
  contentTypeUnaryJson,
  errorFromJsonBytes,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import { type ErrorDetail, ErrorDetailSchema } from "../../gen/countersign/v1/types_pb.ts";
import { withoutTokens } from "../access/token.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { printable } from "../primitives/printable.ts";
import { connectProblem } from "./connect-problem.ts";
import { Refusal, type RefusalReason } from "./refusal.ts";

export interface Meaning {
  readonly code: Code;
  /** The remedy, unless the refusal has its own. */
  readonly remedy: string;
  /** HTTP status of an answer in JSON, if HTTP has a better one than Connect's code. */
  readonly httpStatus?: number;
  /** When the same request may be repeated, unless the refusal says otherwise; absent: the request must be changed. */
  readonly retryAfterMs?: number;
}

/** Every reason with its code and its usual remedy; docs/api.md lists them. */
export const REASONS: Readonly<Record<RefusalReason, Meaning>> = {
  MALFORMED: {
    code: Code.InvalidArgument,
    remedy: "Correct the request; proto/countersign/v1 documents each field.",
  },
  MISSING_FIELD: { code: Code.InvalidArgument, remedy: "Give the field." },
  LIMIT: { code: Code.InvalidArgument, remedy: "Stay below the limit." },
  TOO_LARGE: { code: Code.ResourceExhausted, remedy: "Send a smaller message." },
  UNSUPPORTED_MEDIA_TYPE: {
    code: Code.InvalidArgument,
    httpStatus: 415,
    remedy: "Send JSON with the header content-type: application/json.",
  },
  UNKNOWN_COMPRESSION: {
    code: Code.Unimplemented,
    httpStatus: 415,
    remedy: "Send it uncompressed, or in one coding that metadata names.",
  },
  NOT_ACCEPTABLE: {
    code: Code.InvalidArgument,
    httpStatus: 406,
    remedy: "Leave out the header accept, or let it take application/json.",
  },
  BODY_TIMEOUT: {
    code: Code.DeadlineExceeded,
    httpStatus: 408,
    remedy: "Send the whole body at once. Nothing was ordered.",
  },
  UNKNOWN_HOST: {
    code: Code.PermissionDenied,
    httpStatus: 421,
    remedy: "Call the node by an address, by localhost, or by a name in its certificate.",
  },
  FOREIGN_ORIGIN: {
    code: Code.PermissionDenied,
    remedy:
      "Call the node from a program, or from a page of an origin that the node's operator names in corsOrigins. No " +
      "setting of the browser changes that.",
  },
  METHOD_NOT_ALLOWED: {
    code: Code.Unimplemented,
    httpStatus: 405,
    remedy: "Use a method that the header allow names.",
  },
  UNKNOWN_PATH: {
    code: Code.Unimplemented,
    httpStatus: 404,
    remedy:
      "Use a path of docs/api.md, such as POST /transaction, GET /peers, or POST /countersign.v1.LedgerService/METHOD.",
  },
  UNAUTHENTICATED: {
    code: Code.Unauthenticated,
    remedy:
      "Show a credential that this node accepts: the header authorization: Bearer TOKEN, a client certificate, or a signature by the key of the wallet that you read (docs/access.md).",
  },
  PERMISSION_DENIED: {
    code: Code.PermissionDenied,
    remedy: "Ask this node's operator for a credential with the scope that metadata names.",
  },
  WRONG_NETWORK: {
    code: Code.InvalidArgument,
    remedy: "Sign for the networkId that GetNetwork names.",
  },
  INVALID_SIGNATURE: {
    code: Code.Unauthenticated,
    remedy: "Sign the canonical bytes of docs/signing.md with the author's key.",
  },
  NOT_ISSUER: {
    code: Code.PermissionDenied,
    remedy: "Have an issuer of the genesis sign, or create the wallet without money.",
  },
  NOT_CUSTODIAN: {
    code: Code.FailedPrecondition,
    remedy: "Send the request to the gateway that keeps the wallet's key.",
  },
  AMOUNT_ZERO: { code: Code.InvalidArgument, remedy: "Give an amount of at least 1." },
  SELF_TRANSFER: { code: Code.InvalidArgument, remedy: "Pay another wallet." },
  ID_IN_USE: {
    code: Code.AlreadyExists,
    remedy:
      "The id belongs to another order, which GetReceipt shows. It may be the order that " +
      "you mean. Choose a new id only for an additional order.",
  },
  PAYMENT_CANCELLED: {
    code: Code.FailedPrecondition,
    remedy:
      "Ask GetReceipt for the cancellation: it proves that the payment is never made (docs/signing.md, Cancellations). " +
      "To pay after all, choose a new id.",
  },
  NOT_ACTIVE: {
    code: Code.FailedPrecondition,
    remedy:
      "Send it once the network has the ruleset that metadata names; GetStatus names the present one. The operators of all " +
      "nodes activate it (docs/operations.md, Upgrade).",
  },
  WINDOW_PAST: {
    code: Code.FailedPrecondition,
    remedy:
      "If you never sent it before, give it a later validUntil. If you did, it may be " +
      "applied until a final block (GetStatus: blockTime) is past validUntil: wait for " +
      "that, ask GetReceipt for its id at more than a third of the nodes, as a caller that " +
      "may read the payer, and only then sign it again, under the same id.",
  },
  WINDOW_TOO_FAR: {
    code: Code.OutOfRange,
    remedy: "Sign with a validUntil within the lifetime that GetNetwork names.",
  },
  UNKNOWN_WALLET: { code: Code.NotFound, remedy: "Check the wallet's id." },
  UNKNOWN_PAYEE: { code: Code.NotFound, remedy: "Check the id of the wallet that is paid." },
  UNKNOWN_ASSET: { code: Code.InvalidArgument, remedy: "Use an asset that GetNetwork names." },
  ASSET_MISMATCH: {
    code: Code.FailedPrecondition,
    remedy: "Name the asset that the paying wallet holds, and pay a wallet that holds it too.",
  },
  INSUFFICIENT_FUNDS: {
    code: Code.FailedPrecondition,
    remedy: "Pay at most what the wallet holds.",
  },
  WALLET_EXISTS: {
    code: Code.AlreadyExists,
    remedy:
      "The wallet exists; GetWallet and GetReceipt show it. Choose a new creation id " +
      "only for an additional wallet.",
  },
  SPONSOR_QUOTA_USED: {
    code: Code.ResourceExhausted,
    remedy:
      "Pay money into wallets that this node sponsors, have an issuer create the wallet " +
      "with money, or ask another node.",
  },
  MEMORY_SHORT: {
    code: Code.ResourceExhausted,
    remedy:
      "Create the wallet at another node. The operator of this one has to give it more " +
      "memory.",
  },
  OVERFLOW: { code: Code.FailedPrecondition, remedy: "Create less money." },
  NOT_FOUND: {
    code: Code.NotFound,
    remedy:
      "Check the id, and that you may read the wallet: others' payments look as if there " +
      "were none. An order that you sent before may be ordered until a final block is past " +
      "its validUntil: repeat it under its id.",
  },
  PRUNED: {
    code: Code.OutOfRange,
    httpStatus: 410,
    remedy: "Ask a node that metadata names, or another one that keeps all blocks.",
  },
  HISTORY_INCOMPLETE: {
    code: Code.Unavailable,
    remedy: "Ask another node, or this one when it has loaded its history.",
  },
  POOL_FULL: {
    code: Code.ResourceExhausted,
    remedy: "Send it again after retryAfterMs.",
    retryAfterMs: 1_000,
  },
  TOO_MANY_REQUESTS: {
    code: Code.ResourceExhausted,
    remedy: "Send it again after retryAfterMs, and fewer requests at a time.",
    retryAfterMs: 1_000,
  },
  NOT_READY: {
    code: Code.Unavailable,
    remedy:
      "Send it again later, or to another node; keep the id of an order. GetStatus says " +
      "what is missing.",
  },
  LAGGING: { code: Code.Unavailable, remedy: "Ask another node, or this one later." },
  SHUTTING_DOWN: {
    code: Code.Unavailable,
    remedy:
      "Send it to another node; keep the id of an order, because this node may have " +
      "accepted it.",
  },
  OUTCOME_UNKNOWN: {
    code: Code.DeadlineExceeded,
    remedy:
      "Repeat the same request with the id that metadata names, or ask GetReceipt for it; both are safe. Under another id it is another order.",
  },
  DEADLINE_EXCEEDED: {
    code: Code.DeadlineExceeded,
    remedy:
      "Ask again with more time; keep the id of an order, because this node may have " +
      "accepted it.",
  },
  CANCELED: {
    code: Code.Canceled,
    remedy: "Ask again; keep the id of an order, because this node may have accepted it.",
  },
  INTERNAL: {
    code: Code.Internal,
    remedy:
      "Tell the node's operator the failure id in the metadata; the node's log has the " +
      "cause under that id.",
  },
  NOT_RELOADED: {
    code: Code.FailedPrecondition,
    remedy:
      "Mend the file that the message names, and reload again; the node goes on with what it has.",
  },
  NOT_A_MEMBER: {
    code: Code.PermissionDenied,
    remedy: "Use the identity key that the genesis names for this node.",
  },
  STALE_REGISTRATION: {
    code: Code.FailedPrecondition,
    remedy:
      "This node's journal is older than one that it has used before. Do not run the " +
      "node on an old copy of its data folder.",
  },
  PROTOCOL_MISMATCH: {
    code: Code.FailedPrecondition,
    remedy:
      "Update the software of the node with the lower versions (docs/operations.md, Upgrade). The link opens by itself then.",
  },
};

/** The reason for an error that Connect raised itself, by its code; for every other code the request is malformed. */
const REASON_OF_CODE: Partial<Record<Code, RefusalReason>> = {
  [Code.ResourceExhausted]: "TOO_LARGE",
  [Code.DeadlineExceeded]: "DEADLINE_EXCEEDED",
  [Code.Canceled]: "CANCELED",
};

/** A refusal as callers get it, in every protocol. */
export interface WireRefusal {
  readonly code: Code;
  readonly message: string;
  readonly detail: ErrorDetail;
  /** Headers that HTTP has for it. */
  readonly headers: Readonly<Record<string, string>>;
}

export function wireRefusalOf(refusal: Refusal): WireRefusal {
  const { code, remedy, retryAfterMs } = REASONS[refusal.reason];
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs: String(retryAfterMs) };
  const metadata: Record<string, string> = { ...hint, ...refusal.metadata };
  const detail = create(ErrorDetailSchema, {
    reason: refusal.reason,
    field: withoutTokens(refusal.field),
    remedy: refusal.remedy ?? remedy,
    metadata,
  });
  // A message may quote the request, and a token that stands in the wrong place of it.
  const message = withoutTokens(refusal.message);
  return { code, message, detail, headers: headersFor(refusal.reason, metadata) };
}

export function toConnectError(refusal: Refusal): ConnectError {
  const { code, message, detail, headers } = wireRefusalOf(refusal);
  return new ConnectError(message, code, headers, [{ desc: ErrorDetailSchema, value: detail }]);
}

/** The HTTP status of a refusal in JSON. */
export function httpStatusOf(reason: RefusalReason): number {
  const { code, httpStatus } = REASONS[reason];
  return httpStatus ?? codeToHttpStatus(code);
}

/** Returns the answer, or throws the error for a refusal. */
export function orThrow<T>(answer: T | Refusal): T {
  if (answer instanceof Refusal) throw toConnectError(answer);
  return answer;
}

/** The refusal in a caught error; undefined if there is none. */
export function readRefusal(error: unknown): Refusal | undefined {
  const failed = ConnectError.from(error);
  const [detail] = failed.findDetails(ErrorDetailSchema);
  return detail === undefined ? undefined : refusalOfDetail(detail, failed.rawMessage);
}

/** The refusal that another machine tells; undefined if its reason is unknown here. */
export function refusalOfDetail(detail: ErrorDetail, message: string): Refusal | undefined {
  if (!isReason(detail.reason)) return undefined;
  // It will be shown on a terminal or in a log.
  const metadata = Object.entries(detail.metadata).map(([key, value]) => [
    printable(key),
    printable(value),
  ]);
  return new Refusal(detail.reason, {
    message: printable(message),
    field: printable(detail.field),
    remedy: printable(detail.remedy),
    metadata: Object.fromEntries(metadata),
  });
}

/**
 * Adds the detail that every refusal carries to an error that Connect raised while it read a request. Connect calls
 * some unreadable requests an internal error, or unimplemented, but the fault is always the caller's.
 */
export function withDetail(error: ConnectError): ConnectError {
  if (error.details.length > 0) return error;
  const reason = REASON_OF_CODE[error.code] ?? "MALFORMED";
  return toConnectError(new Refusal(reason, { message: error.rawMessage }));
}

/** An HTTP answer with a Connect error as JSON, for paths that never reach an RPC. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

export function errorAnswer(error: ConnectError): ErrorAnswer {
  const body = errorToJsonBytes(error, { alwaysEmitImplicit: true });
  const headers: Record<string, string> = {};
  error.metadata.forEach((value, name) => {
    headers[name] = value;
  });
  headers["content-type"] = contentTypeUnaryJson;
  headers["content-length"] = String(body.length);
  const reason = readRefusal(error)?.reason;
  const status = reason === undefined ? codeToHttpStatus(error.code) : httpStatusOf(reason);
  return { status, headers, body };
}

/** The error in the JSON body of an unsuccessful answer. */
export function errorOfBody(body: Bytes): ConnectError {
  const fallback = new ConnectError("unreadable error", Code.Internal);
  try {
    return errorFromJsonBytes(body, undefined, fallback);
  } catch {
    return fallback;
  }
}

/**
 * The error for a caller after a failure of the program: it does not tell the cause, which the log has under the same
 * `failure`.
 */
export function internalError(failure: string): ConnectError {
  const message = `the node failed to answer (failure ${failure} in its log)`;
  return toConnectError(new Refusal("INTERNAL", { message, metadata: { failure } }));
}

/** The reason with which a closing listener aborts running calls. */
export function shutdownError(): ConnectError {
  return toConnectError(new Refusal("SHUTTING_DOWN", { message: "the node is shutting down" }));
}

/** One line for a log, with the error's cause if there is one. */
export function describeError(error: unknown): string {
  const { message, cause } = ConnectError.from(error);
  const problem = cause instanceof Error ? connectProblem(cause) : "";
  return problem === "" ? message : `${message} (${problem})`;
}

export function isConnectError(error: unknown): error is ConnectError {
  return error instanceof ConnectError;
}

function isReason(reason: string): reason is RefusalReason {
  return Object.hasOwn(REASONS, reason);
}

/** Headers that HTTP has for a refusal (RFC 9110 sections 10.2.3 and 11.6.1, RFC 6750 section 3). */
function headersFor(
  reason: RefusalReason,
  metadata: Readonly<Record<string, string>>,
): Record<string, string> {
  if (reason === "UNAUTHENTICATED") return { "www-authenticate": 'Bearer realm="countersign"' };
  const afterMs = Number(metadata["retryAfterMs"]);
  return afterMs > 0 ? { "retry-after": String(Math.ceil(afterMs / 1000)) } : {};
}
