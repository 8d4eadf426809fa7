/** The client of one node's ledger service: the generated client over TLS, for programs that run on Node. */
import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { PingTimings } from "../transport/client-session.ts";
import { boundDuration } from "../transport/timers.ts";
import { openGatewaySession } from "./gateway-session.ts";
import { nameLostCalls } from "./lost-calls.ts";
import { followRetryHints, PATIENCE, type RetryPatience } from "./retry-hints.ts";
import { protoBody, signReads } from "./signed-reads.ts";

export interface GatewayClientOptions {
  /** https://host:port of a node's client listener. */
  readonly baseUrl: string;
  /** PEM of the authority that certified the node's listener; absent: those that the system trusts. */
  readonly ca?: string | undefined;
  /** A bearer token of that node, shown with each call. */
  readonly token?: string | undefined;
  /** The id of that node in the genesis, for reads that a wallet signs (`signedBy`). */
  readonly node?: string | undefined;
  /** Deadline of calls that name none, milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly timings?: PingTimings | undefined;
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
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Longer than a payment takes with a node dead. */
const TIMEOUT_MS = 30_000;

/** Connects at the first call. */
export function createGatewayClient(options: GatewayClientOptions): GatewayClient {
  const session = openGatewaySession(options);
  const transport = createConnectTransport({
    baseUrl: session.authority,
    httpVersion: "2",
    sessionManager: session,
    useBinaryFormat: true,
    readMaxBytes: ANSWER_BYTES_MAX,
    writeMaxBytes: LIMITS.clientMessageBytesMax,
    interceptors: [
      followRetryHints(options.patience ?? PATIENCE, Math.random),
      // Inside the repetitions: each attempt is signed with its own time.
      ...(options.token === undefined ? [] : [showToken(options.token)]),
      signReads({ node: options.node, bodyOf: protoBody, now: Date.now }),
      nameLostCalls,
    ],
    defaultTimeoutMs: boundDuration(options.timeoutMs ?? TIMEOUT_MS),
  });
  return {
    calls: createClient(LedgerService, boundDeadlines(transport)),
    close: () => session.close(),
  };
}

/** The caller sets the deadline of each call; the transport bounds it before it starts a timer. */
function boundDeadlines(transport: Transport): Transport {
  const bounded = (ms: number | undefined) => (ms === undefined ? undefined : boundDuration(ms));
  return {
    unary: (method, signal, timeoutMs, ...rest) =>
      transport.unary(method, signal, bounded(timeoutMs), ...rest),
    stream: (method, signal, timeoutMs, ...rest) =>
      transport.stream(method, signal, bounded(timeoutMs), ...rest),
  };
}

function showToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
