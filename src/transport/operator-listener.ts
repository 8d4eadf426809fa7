/**
 * The listener of a node's operator: OperatorService and the pages /metrics, /healthz and /readyz over HTTP/1.1, on a Unix
 * socket that only the node's user may open. No web page reaches it (T11).
 */
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Interceptor } from "@connectrpc/connect";
import { OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import type { Caller } from "../access/principal.ts";
import { scopeSet } from "../access/scope.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Authenticator } from "./authenticator.ts";
import type { CallBounds } from "./call-bounds.ts";
import type { OnFailure } from "./call-errors.ts";
import { admittedCaller, CallGate } from "./call-gate.ts";
import type { CallObserver } from "./call-observer.ts";
import { HostRule } from "./host-rule.ts";
import { createHttpHandler } from "./http-adapter.ts";
import type { OperatorApi } from "./operator-api.ts";
import { createOperatorService } from "./operator-service.ts";
import { healthPage, type Page, readinessPage } from "./page.ts";
import type { CallAudit, TransportLog } from "./ports.ts";
import { startTimer } from "./timers.ts";
import { Shutdown } from "./tls-listener.ts";
import { listenOnSocket } from "./unix-socket.ts";
import { refuseUnreadable } from "./unreadable-requests.ts";

export interface OperatorListenerOptions {
  /** Path of the socket. */
  readonly path: string;
  readonly api: OperatorApi;
  /** The page /metrics; absent: there is none. */
  readonly metrics?: Page | undefined;
  readonly notReadyBecause: () => string | undefined;
  readonly bounds: CallBounds<string>;
  readonly observer?: CallObserver | undefined;
  readonly audit: CallAudit;
  readonly log: TransportLog;
  readonly onFailure: OnFailure;
}

/** An open listener of the operator. */
export interface OperatorListener {
  /** Takes no more calls, tells the running ones to end, cuts what is left after `drainMs`, and removes the socket. */
  close(drainMs: number): Promise<void>;
}

/** Every caller of the socket: the user that the node runs as, and root. The rights of the socket keep all others out. */
const SOCKET_CALLER: Caller = { principal: "socket", scopes: scopeSet(["operate", "metrics"]) };
const bySocket: Authenticator = { authenticate: () => Promise.resolve(SOCKET_CALLER) };

const HEADERS_MS = 10_000;
const BODY_MS = 10_000;
const IDLE_MS = 60_000;
const HEADER_BYTES_MAX = 16 * 1024;

/** Rejects with SocketProblem if the socket cannot be had. */
export async function openOperatorListener(
  options: OperatorListenerOptions,
): Promise<OperatorListener> {
  const { api, metrics, notReadyBecause, bounds, log, onFailure, path } = options;
  const shutdown = new Shutdown();
  const gate = new CallGate({ authenticator: bySocket, bounds });
  const pages = new Map<string, Page>([
    ["/healthz", healthPage()],
    ["/readyz", readinessPage(notReadyBecause)],
    ...(metrics === undefined ? [] : [["/metrics", metrics] as const]),
  ]);
  const handler = createHttpHandler({
    routes: (router) => {
      router.service(OperatorService, createOperatorService(api));
    },
    interceptors: [audited(options.audit)],
    plainPaths: new Map(),
    pages,
    json: true,
    codings: [],
    messageBytesMax: LIMITS.operatorMessageBytesMax,
    questionBytesMax: LIMITS.operatorMessageBytesMax,
    messageFieldsMax: LIMITS.clientMessageFieldsMax,
    bodyTimeoutMs: BODY_MS,
    shutdownSignal: shutdown.signal,
    acceptCompression: [],
    compressMinBytes: 16 * 1024,
    hosts: new HostRule([]),
    admit: (request, wanted) => gate.admit(request, wanted),
    observer: options.observer,
    log,
    onFailure,
  });
  const server = createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: HEADERS_MS + BODY_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: HEADER_BYTES_MAX,
      // The handler refuses what names no host, and says so.
      requireHostHeader: false,
    },
    handler,
  );
  server.maxConnections = LIMITS.operatorConnectionsMax;
  refuseUnreadable(server);
  const sockets = track(server);
  await listenOnSocket(server, path);
  server.on("error", (error: Error) => log.warn({ error: error.message }, "operator's listener"));
  return {
    close: (drainMs) => {
      shutdown.begin();
      return drain(server, sockets, drainMs);
    },
  };
}

/** Each call is in the audit log before it is carried out. */
function audited(audit: CallAudit): Interceptor {
  return (next) => async (request) => {
    const { contextValues: values, service, method } = request;
    const { principal } = admittedCaller({ values, service, method });
    await audit.called(method.name, principal);
    return await next(request);
  };
}

function track(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

function drain(server: Server, sockets: ReadonlySet<Socket>, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const keep = startTimer(drainMs, () => {
      for (const socket of sockets) socket.destroy();
    });
    // Ends idle connections too, and removes the socket.
    server.close(() => {
      keep();
      resolve();
    });
  });
}
