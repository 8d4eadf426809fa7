/**
 * The listeners of a node's operator: OperatorService and the pages /metrics, /healthz and /readyz. A Unix socket,
 * which only the node's user may open, needs no credential. An address is served by TLS, and every caller must show a
 * credential. No web page reaches them (T11).
 */
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Interceptor } from "@connectrpc/connect";
import { OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import { SOCKET_CALLER } from "../access/principal.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Authenticator } from "./authenticator.ts";
import type { OnFailure } from "./call-errors.ts";
import { admittedCaller, CallGate, type CallGateOptions } from "./call-gate.ts";
import type { CallObserver } from "./call-observer.ts";
import { CallerAdmission } from "./caller-admission.ts";
import type { CallerBounds } from "./caller-bounds.ts";
import { HostRule, namesOfCertificate } from "./host-rule.ts";
import { createHttpHandler } from "./http-adapter.ts";
import { type CallerTls, tlsForCallers } from "./listener-tls.ts";
import type { OperatorApi } from "./operator-api.ts";
import { createOperatorService } from "./operator-service.ts";
import { healthPage, type Page, readinessPage } from "./page.ts";
import { openSocketListener } from "./socket-listener.ts";
import { type Listener, type ListenerAddress, openTlsListener, Shutdown } from "./tls-listener.ts";
import type { TransportLog } from "./transport-log.ts";

/** Takes down the calls of an operator before they are carried out. */
export interface CallAudit {
  /** `call`: name of the RPC. Settles when the entry is durable; the call fails if it cannot be. */
  called(call: string, principal: string): Promise<void>;
}

export interface OperatorListenerOptions {
  readonly api: OperatorApi;
  /** The page /metrics; absent: there is none. */
  readonly metrics?: Page | undefined;
  readonly notReadyBecause: () => string | undefined;
  readonly bounds: CallerBounds;
  readonly observer?: CallObserver | undefined;
  readonly audit: CallAudit;
  readonly log: TransportLog;
  readonly onFailure: OnFailure;
}

export interface OperatorSocketOptions extends OperatorListenerOptions {
  /** Path of the socket. */
  readonly path: string;
}

export interface OperatorTlsOptions extends OperatorListenerOptions, ListenerAddress, CallerTls {
  readonly authenticator: Authenticator;
}

/** An open listener of the operator. */
export interface OperatorListener {
  /** Accepts no more calls, tells the running ones to end, cuts the rest after `drainMs`, and removes the socket. */
  close(drainMs: number): Promise<void>;
}

export interface OperatorTlsListener extends Pick<Listener, "port" | "close"> {
  /** New connections get this certificate, and are asked for one of this authority. */
  renew(tls: CallerTls): void;
}

/** The socket's callers are the user that runs the node, and root: its permissions keep others out. */
const bySocket: Authenticator = { authenticate: () => Promise.resolve(SOCKET_CALLER) };

const BODY_MS = 10_000;
const IDLE_MS = 60_000;

/** Rejects with SocketProblem if the socket cannot be opened. */
export function openOperatorListener(options: OperatorSocketOptions): Promise<OperatorListener> {
  const { log, path } = options;
  const shutdown = new Shutdown();
  const door = { authenticator: bySocket, hosts: new HostRule([]), isOwn: true };
  const handler = handlerOf(options, door, shutdown);
  const times = { bodyMs: BODY_MS, idleMs: IDLE_MS };
  const connectionsMax = LIMITS.operatorConnectionsMax;
  return openSocketListener({ path, connectionsMax, ...times, log }, shutdown, handler);
}

/** Rejects if the port cannot be opened. */
export async function openOperatorTlsListener(
  options: OperatorTlsOptions,
): Promise<OperatorTlsListener> {
  const { host, port, log, authenticator } = options;
  const shutdown = new Shutdown();
  const namesWith = (certificate: string) => [...namesOfCertificate(certificate), host];
  const hosts = new HostRule(namesWith(options.certificate));
  const connectionsMax = LIMITS.operatorConnectionsMax;
  const admission = new CallerAdmission({
    ...options.bounds.door,
    connectionsMax,
    refusedMessage: "connections to the operator's address are refused",
    log,
  });
  const onCredential: CallGateOptions["onCredential"] = (...shown) => admission.proved(...shown);
  const door = { authenticator, onCredential, hosts, isOwn: false };
  const handler = handlerOf(options, door, shutdown);
  const listener = await openTlsListener(
    {
      host,
      port,
      tls: tlsForCallers(options),
      connectionsMax,
      admit: (socket) => admission.admit(socket),
      connectionsPerAddressMax: LIMITS.operatorConnectionsMax / 2,
      streamsPerConnectionMax: LIMITS.operatorCallsMax,
      windowBytes: LIMITS.operatorMessageBytesMax,
      idleMs: IDLE_MS,
      log,
    },
    shutdown,
    handler,
  );
  return {
    port: listener.port,
    close: listener.close,
    renew: (tls) => {
      listener.renew(tlsForCallers(tls));
      hosts.rename(namesWith(tls.certificate));
    },
  };
}

/** The way into a listener. */
interface Door extends Pick<CallGateOptions, "authenticator" | "onCredential"> {
  readonly hosts: HostRule;
  /** Only the operator's own programs use this listener, so they may see everything on a page. */
  readonly isOwn: boolean;
}

function handlerOf(
  options: OperatorListenerOptions,
  { hosts, isOwn, ...credentials }: Door,
  shutdown: Shutdown,
) {
  const { api, metrics, notReadyBecause, bounds, observer, log, onFailure } = options;
  const gate = new CallGate({ ...credentials, bounds });
  return createHttpHandler({
    routes: (router) => {
      router.service(OperatorService, createOperatorService(api));
    },
    interceptors: [audited(options.audit)],
    plainPaths: new Map(),
    pages: new Map<string, Page>([
      ["/healthz", healthPage()],
      ["/readyz", readinessPage({ notReadyBecause, saysWhy: isOwn })],
      ...(metrics === undefined ? [] : [["/metrics", metrics] as const]),
    ]),
    json: true,
    codings: [],
    messageBytesMax: LIMITS.operatorMessageBytesMax,
    questionBytesMax: LIMITS.operatorMessageBytesMax,
    messageFieldsMax: LIMITS.clientMessageFieldsMax,
    bodyTimeoutMs: BODY_MS,
    shutdownSignal: shutdown.signal,
    acceptCompression: [],
    compressMinBytes: 16 * 1024,
    hosts,
    admit: (request, wanted) => gate.admit(request, wanted),
    observer,
    log,
    onFailure,
  });
}

/**
 * Each call that may change something is in the audit log before it is carried out. Reads are not: a program that polls would
 * push the acts out of the log.
 */
function audited(audit: CallAudit): Interceptor {
  return (next) => async (request) => {
    const { contextValues: values, service, method } = request;
    if (method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) {
      return await next(request);
    }
    const { principal } = admittedCaller({ values, service, method });
    await audit.called(method.name, principal);
    return await next(request);
  };
}
