import { Code, ConnectError } from "@connectrpc/connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { describe, expect, test } from "vitest";
import { ErrorDetailSchema } from "../../gen/countersign/v1/types_pb.ts";
import {
  errorAnswer,
  errorOfBody,
  readRefusal,
  toConnectError,
  withDetail,
} from "../../src/transport/errors.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";
import { refusalAnswer } from "../../src/transport/refusal-answer.ts";

/** Values that clients may rely on: a change of a line here breaks them. */
const CONTRACT: Record<RefusalReason, [Code, number]> = {
  MALFORMED: [Code.InvalidArgument, 400],
  MISSING_FIELD: [Code.InvalidArgument, 400],
  LIMIT: [Code.InvalidArgument, 400],
  TOO_LARGE: [Code.ResourceExhausted, 429],
  UNSUPPORTED_MEDIA_TYPE: [Code.InvalidArgument, 415],
  METHOD_NOT_ALLOWED: [Code.Unimplemented, 405],
  UNKNOWN_PATH: [Code.Unimplemented, 404],
  UNKNOWN_COMPRESSION: [Code.Unimplemented, 415],
  NOT_ACCEPTABLE: [Code.InvalidArgument, 406],
  BODY_TIMEOUT: [Code.DeadlineExceeded, 408],
  UNKNOWN_HOST: [Code.PermissionDenied, 421],
  FOREIGN_ORIGIN: [Code.PermissionDenied, 403],
  UNAUTHENTICATED: [Code.Unauthenticated, 401],
  PERMISSION_DENIED: [Code.PermissionDenied, 403],
  WRONG_NETWORK: [Code.InvalidArgument, 400],
  INVALID_SIGNATURE: [Code.Unauthenticated, 401],
  NOT_ISSUER: [Code.PermissionDenied, 403],
  NOT_CUSTODIAN: [Code.FailedPrecondition, 400],
  AMOUNT_ZERO: [Code.InvalidArgument, 400],
  SELF_TRANSFER: [Code.InvalidArgument, 400],
  ID_IN_USE: [Code.AlreadyExists, 409],
  PAYMENT_CANCELLED: [Code.FailedPrecondition, 400],
  WINDOW_PAST: [Code.FailedPrecondition, 400],
  WINDOW_TOO_FAR: [Code.OutOfRange, 400],
  UNKNOWN_WALLET: [Code.NotFound, 404],
  UNKNOWN_PAYEE: [Code.NotFound, 404],
  UNKNOWN_ASSET: [Code.InvalidArgument, 400],
  ASSET_MISMATCH: [Code.FailedPrecondition, 400],
  INSUFFICIENT_FUNDS: [Code.FailedPrecondition, 400],
  WALLET_EXISTS: [Code.AlreadyExists, 409],
  OVERFLOW: [Code.FailedPrecondition, 400],
  SPONSOR_QUOTA_USED: [Code.ResourceExhausted, 429],
  MEMORY_SHORT: [Code.ResourceExhausted, 429],
  NOT_FOUND: [Code.NotFound, 404],
  HISTORY_INCOMPLETE: [Code.Unavailable, 503],
  PRUNED: [Code.OutOfRange, 410],
  POOL_FULL: [Code.ResourceExhausted, 429],
  TOO_MANY_REQUESTS: [Code.ResourceExhausted, 429],
  NOT_READY: [Code.Unavailable, 503],
  LAGGING: [Code.Unavailable, 503],
  SHUTTING_DOWN: [Code.Unavailable, 503],
  OUTCOME_UNKNOWN: [Code.DeadlineExceeded, 504],
  DEADLINE_EXCEEDED: [Code.DeadlineExceeded, 504],
  CANCELED: [Code.Canceled, 499],
  INTERNAL: [Code.Internal, 500],
  NOT_RELOADED: [Code.FailedPrecondition, 400],
  NOT_A_MEMBER: [Code.PermissionDenied, 403],
  NOT_ACTIVE: [Code.FailedPrecondition, 400],
  STALE_REGISTRATION: [Code.FailedPrecondition, 400],
  PROTOCOL_MISMATCH: [Code.FailedPrecondition, 400],
};

function isReason(reason: string): reason is RefusalReason {
  return Object.hasOwn(CONTRACT, reason);
}

describe("T10: a refusal", () => {
  test.each(Object.keys(CONTRACT).filter(isReason))(
    "%s has its code, its status and a remedy, and reads back",
    (reason) => {
      const refusal = new Refusal(reason, {
        message: "so it is",
        field: "transaction.id",
        metadata: { held: "7" },
      });
      const error = toConnectError(refusal);
      const [code, status] = CONTRACT[reason];
      expect(error).toMatchObject({ code, rawMessage: "so it is" });
      const answer = errorAnswer(error);
      expect(answer.status).toBe(status);
      const back = errorOfBody(answer.body);
      expect(back.findDetails(ErrorDetailSchema)).toHaveLength(1);
      expect(readRefusal(back)).toMatchObject({
        reason,
        message: "so it is",
        field: "transaction.id",
        remedy: expect.stringMatching(/^[A-Z].{8,}\.$/),
        metadata: { held: "7" },
      });
    },
  );

  test.each(Object.keys(CONTRACT).filter(isReason))(
    "%s is written as Connect writes its error, in JSON and for gRPC",
    (reason) => {
      const refusal = new Refusal(reason, {
        message: 'so it is: 100 % of \u{1f4b6}, "quoted"',
        field: "transaction.id",
        metadata: { held: "7", retryAfterMs: "1500" },
      });
      const error = toConnectError(refusal);
      expect(refusalAnswer(refusal, "json")).toEqual(errorAnswer(error));
      const trailers = Object.fromEntries(setTrailerStatus(new Headers(), error));
      for (const dialect of ["grpc", "grpc-web"] as const) {
        const { status, headers, body } = refusalAnswer(refusal, dialect);
        expect([status, body.length]).toEqual([200, 0]);
        expect(headers).toEqual({ ...trailers, "content-type": `application/${dialect}+proto` });
      }
    },
  );

  test("is not read out of what carries none, or one of a later version", () => {
    expect(readRefusal(new Error("no"))).toBeUndefined();
    expect(readRefusal(undefined)).toBeUndefined();
    const value = { reason: "OF_A_LATER_VERSION" };
    const later = new ConnectError("later", Code.Aborted, undefined, [
      { desc: ErrorDetailSchema, value },
    ]);
    expect(readRefusal(later)).toBeUndefined();
  });

  test("is added to what Connect says by itself, and to nothing else", () => {
    expect(
      readRefusal(withDetail(new ConnectError("too long", Code.ResourceExhausted))),
    ).toMatchObject({ reason: "TOO_LARGE" });
    const unreadable = withDetail(new ConnectError("parse binary: x", Code.Internal));
    expect(unreadable.code).toBe(Code.InvalidArgument);
    expect(readRefusal(unreadable)).toMatchObject({ reason: "MALFORMED" });
    const own = toConnectError(new Refusal("LAGGING", { message: "behind" }));
    expect(withDetail(own)).toBe(own);
  });
});

test("a token that a message or a field quotes from a request is not shown", () => {
  const token = `cs_${"aB3-_".repeat(9)}`.slice(0, 46);
  const quoting = { message: `${token} is unknown`, field: `fields.${token}` };
  const refusal = readRefusal(toConnectError(new Refusal("MALFORMED", quoting)));
  expect(refusal).toMatchObject({ message: "cs_… is unknown", field: "fields.cs_…" });
});
