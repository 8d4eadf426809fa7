/** The calls of one gateway over any transport: their deadlines, repetitions and credentials are the same in Node and in a browser. */
import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { boundDuration } from "../transport/timers.ts";
import { nameLostCalls } from "./lost-calls.ts";
import { followRetryHints, PATIENCE, type RetryPatience } from "./retry-hints.ts";
import { protoBody, signReads } from "./signed-reads.ts";

export interface GatewayCallOptions {
  /** A bearer token of that node, shown with each call. */
  readonly token?: string | undefined;
  /** The id of that node in the genesis, for reads that a wallet signs (`signedBy`). */
  readonly node?: string | undefined;
  /** Deadline of calls that name none, milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Limits on repeating a call that a busy node refuses with a time to come again. */
  readonly patience?: RetryPatience | undefined;
}

export interface GatewayClient {
  /**
   * The calls of the contract. Each is safe to repeat, an order if it names its id: the same order again gets the
   * first result, through any node. Without an id, it is another order. A refusal is an error with one detail, which
   * `readRefusal` of transport/errors.ts reads. A call that ends without an answer (unavailable if the connection ended,
   * canceled, deadline exceeded) says nothing about its outcome.
   */
  readonly calls: Client<typeof LedgerService>;
  /** Ends the connection and every open call. */
  readonly close: () => void;
}

/** The largest answer that is read: a page of a thousand entries has half a megabyte. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Longer than a payment takes with a node dead. */
const TIMEOUT_MS = 30_000;

/** Options of a transport that sends Connect in binary. */
export function transportOptions(options: GatewayCallOptions) {
  const interceptors: Interceptor[] = [
    followRetryHints(options.patience ?? PATIENCE, Math.random),
    // Inside the repetitions: each attempt is signed with its own time.
    ...(options.token === undefined ? [] : [showToken(options.token)]),
    signReads({ node: options.node, bodyOf: protoBody, now: Date.now }),
    nameLostCalls,
  ];
  const defaultTimeoutMs = boundDuration(options.timeoutMs ?? TIMEOUT_MS);
  return { useBinaryFormat: true, interceptors, defaultTimeoutMs };
}

/** The caller sets the deadline of each call; it is bounded before the transport starts a timer. */
export function callsOver(transport: Transport): GatewayClient["calls"] {
  const bounded = (ms: number | undefined) => (ms === undefined ? undefined : boundDuration(ms));
  return createClient(LedgerService, {
    unary: (method, signal, timeoutMs, ...rest) =>
      transport.unary(method, signal, bounded(timeoutMs), ...rest),
    stream: (method, signal, timeoutMs, ...rest) =>
      transport.stream(method, signal, bounded(timeoutMs), ...rest),
  });
}

function showToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
