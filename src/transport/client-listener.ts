/** The listener for clients: ordinary TLS, gRPC, gRPC-Web, Connect and JSON over HTTP/2, Connect and JSON over HTTP/1.1. */
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import type { ConnectRouter } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { OPEN_CALLER } from "../access/principal.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Authenticator } from "./authenticator.ts";
import type { OnFailure } from "./call-errors.ts";
import { CallGate } from "./call-gate.ts";
import type { CallObserver } from "./call-observer.ts";
import { CallTurns } from "./call-turns.ts";
import { CallerAdmission } from "./caller-admission.ts";
import type { CallerBounds } from "./caller-bounds.ts";
import { CorsRule } from "./cors.ts";
import { EVENT_PATHS } from "./event-paths.ts";
import { createHealthService } from "./health-service.ts";
import { HostRule, namesOfCertificate } from "./host-rule.ts";
import { type AdapterOptions, createHttpHandler } from "./http-adapter.ts";
import type { LedgerApi } from "./ledger-api.ts";
import { createLedgerService, createLedgerStreams } from "./ledger-service.ts";
import { type CallerTls, tlsForCallers } from "./listener-tls.ts";
import type { Page } from "./page.ts";
import type { PeerApi } from "./peer-api.ts";
import { createSelfAuthenticatingService } from "./peer-service.ts";
import { PLAIN_PATHS } from "./plain-paths.ts";
import { routeReflection } from "./reflection-service.ts";
import { RefusedCalls } from "./refused-calls.ts";
import { streamTable } from "./stream-service.ts";
import { createSubmitService } from "./submit-service.ts";
import { type Listener, type ListenerAddress, openTlsListener, Shutdown } from "./tls-listener.ts";
import type { TransportLog } from "./transport-log.ts";
import { unaryTable } from "./unary-service.ts";

/** The certificate with its chain, if there is one. */
export interface ClientListenerOptions extends ListenerAddress, CallerTls {
  readonly ledger: LedgerApi;
  /** Register and Verification are served here too; they authenticate themselves. */
  readonly peers: Pick<PeerApi, "register" | "verification">;
  /** Finds out who calls; a call goes in by its scopes (call-gate.ts). */
  readonly authenticator: Authenticator;
  readonly log: TransportLog;
  readonly onFailure: OnFailure;
  /** By path; absent: none. */
  readonly pages?: ReadonlyMap<string, Page> | undefined;
  readonly observer?: CallObserver | undefined;
  /** Names under which clients call, besides those of the certificate; addresses and localhost need none. */
  readonly names?: readonly string[];
  /** Origins whose web pages may call (CORS), as browsers write them; absent: none. */
  readonly corsOrigins?: readonly string[];
  /** The time within which a request must send its body, milliseconds. */
  readonly bodyTimeoutMs?: number;
  /** The time within which a caller must read its answer, milliseconds. */
  readonly answerReadMs?: number;
  /** The time for which a stream of transfers may have nothing under way, milliseconds. */
  readonly submitIdleMs?: number;
  /** Bounds on each principal, on each address of callers without one, and on new connections. */
  readonly bounds: CallerBounds;
  /** Connections of all clients together, for a process that may have fewer files open than usual. */
  readonly connectionsMax?: number;
}

/** An open client listener. */
export interface ClientListener extends Pick<Listener, "port" | "close"> {
  /**
   * New connections get this certificate, and are asked for one of this authority; the listener answers to the names of
   * the certificate. No call ends.
   */
  renew(tls: CallerTls): void;
}

const BODY_TIMEOUT_MS = 10_000;
const IDLE_MS = 10 * 60_000;
const HEALTH_WATCH_MS = 250;
/** Calls that begin before others on the thread get a turn: a few milliseconds. */
const CALLS_PER_TURN = 8;
/** Brotli's own choice takes a hundred times as long, on the threads that the store writes with. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const packBrotli = promisify(brotliCompress);
const COMPRESSIONS: readonly Compression[] = [
  compressionGzip,
  { ...compressionBrotli, compress: (bytes) => packBrotli(bytes, BROTLI) },
];
/** Hashes and signatures, which do not compress. */
const UNPACKED = { compressMinBytes: Number.MAX_SAFE_INTEGER };
const SERVED = [LedgerService, PeerService] as const;

/**
 * The fields of a packed stream message are not counted before it is decoded (field-count.ts), so its size is
 * bounded.
 */
function unpackingLittle(compression: Compression): Compression {
  return {
    ...compression,
    decompress: (bytes, bytesMax) =>
      compression.decompress(bytes, Math.min(bytesMax, LIMITS.clientUnpackedBytesMax)),
  };
}

export async function openClientListener(options: ClientListenerOptions): Promise<ClientListener> {
  const { log, onFailure, host, port } = options;
  const shutdown = new Shutdown();
  const connectionsMax = options.connectionsMax ?? LIMITS.clientConnectionsMax;
  const admission = new CallerAdmission({
    ...options.bounds.door,
    connectionsMax,
    refusedMessage: "connections to the client port are refused",
    log,
  });
  const { gate, refused } = createGate(options, admission);
  const namesWith = (certificate: string) => {
    return [...namesOfCertificate(certificate), ...(options.names ?? [])];
  };
  const cors = new CorsRule(options.corsOrigins ?? []);
  const hosts = new HostRule(namesWith(options.certificate), cors);
  const turns = new CallTurns({
    perTurn: CALLS_PER_TURN,
    waitingPerCallerMax: LIMITS.waitingCallsPerClientMax,
  });
  const handler = createHttpHandler({
    ...callsOf(options, shutdown.signal, turns),
    plainPaths: PLAIN_PATHS,
    eventPaths: EVENT_PATHS,
    ...(options.pages === undefined ? {} : { pages: options.pages }),
    json: true,
    codings: ["gzip", "br"],
    messageBytesMax: LIMITS.clientMessageBytesMax,
    questionBytesMax: LIMITS.clientMessageBytesMax,
    messageFieldsMax: LIMITS.clientMessageFieldsMax,
    bodyTimeoutMs: options.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
    answerReadMs: options.answerReadMs,
    shutdownSignal: shutdown.signal,
    acceptCompression: COMPRESSIONS.map(unpackingLittle),
    // A receipt is mostly hashes, which do not compress: below this size there is little to gain.
    compressMinBytes: 16 * 1024,
    hosts,
    cors,
    refused,
    turns,
    ...doorOf(gate),
    observer: options.observer,
    log,
    onFailure,
  });
  const { port: opened, ...listener } = await openTlsListener(
    {
      host,
      port,
      tls: tlsForCallers(options),
      connectionsMax,
      admit: (socket) => admission.admit(socket),
      connectionsPerAddressMax: LIMITS.connectionsPerClientMax,
      streamsPerConnectionMax: LIMITS.streamsPerClientConnectionMax,
      windowBytes: 256 * 1024,
      idleMs: IDLE_MS,
      log,
    },
    shutdown,
    handler,
  );
  return {
    port: opened,
    close: listener.close,
    renew: (tls) => {
      listener.renew(tlsForCallers(tls));
      hosts.rename(namesWith(tls.certificate));
    },
  };
}

function doorOf(gate: CallGate): Pick<AdapterOptions, "admit" | "crowded"> {
  return {
    admit: (request, wanted) => gate.admit(request, wanted),
    crowded: (request, wanted) => gate.refusedOrder(request, wanted),
  };
}

function createGate(options: ClientListenerOptions, admission: CallerAdmission) {
  const { bounds, log } = options;
  const refused =
    bounds.refused === undefined ? undefined : new RefusedCalls({ ...bounds.refused, log });
  const gate = new CallGate({
    ...options,
    onCredential: (socket, principal) => {
      const crowded = admission.proved(socket, principal);
      if (crowded === undefined) refused?.proved(socket);
      return crowded;
    },
  });
  return { gate, refused };
}

/** The calls of this listener: single ones, and the streams that Connect answers. */
function callsOf(
  { ledger, peers, bounds, answerReadMs, submitIdleMs }: ClientListenerOptions,
  closing: AbortSignal,
  turns: CallTurns,
): Pick<AdapterOptions, "unary" | "streams" | "routes"> {
  // The node asks itself, for its health.
  const ownCall = { caller: OPEN_CALLER, countedAs: "", signal: closing, timeLeftMs: undefined };
  const { watch, ...health } = createHealthService({
    isReady: () => ledger.getStatus(ownCall).notReadyBecause === undefined,
    isTolerant: () => ledger.getStatus(ownCall).reducedBecause.length === 0,
    services: SERVED.map(({ typeName }) => typeName),
    closing,
    watchMs: HEALTH_WATCH_MS,
  });
  const unary = new Map([
    ...unaryTable(LedgerService, createLedgerService(ledger)),
    ...unaryTable(PeerService, createSelfAuthenticatingService(peers)),
    ...unaryTable(Health, health),
  ]);
  const streams = streamTable(LedgerService, createLedgerStreams(ledger));
  const { submitTransactions } = createSubmitService({
    api: ledger,
    calls: bounds.calls,
    turns,
    times: {
      ...(answerReadMs === undefined ? {} : { readMs: answerReadMs }),
      ...(submitIdleMs === undefined ? {} : { idleMs: submitIdleMs }),
    },
  });
  const routes = (router: ConnectRouter): void => {
    router.rpc(Health.method.watch, watch);
    router.rpc(LedgerService.method.submitTransactions, submitTransactions, UNPACKED);
    routeReflection(router, [...unary.keys(), ...streams.keys()]);
  };
  return { unary, streams, routes };
}
