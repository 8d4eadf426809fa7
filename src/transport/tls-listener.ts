/** A TLS port that serves HTTP/2 (and HTTP/1.1 on request), bounded on every side, and closed in order. */
import { constants } from "node:crypto";
import {
  createSecureServer,
  type Http2SecureServer,
  type SecureServerOptions,
  type ServerHttp2Session,
} from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { assert } from "../primitives/assert.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { callerPrefix } from "./call-bounds.ts";
import { boundEarlyHeads } from "./early-heads.ts";
import { shutdownError } from "./errors.ts";
import type { HttpHandler } from "./http-adapter.ts";
import { JudgedConnections } from "./judged-connections.ts";
import { SESSION_MEMORY } from "./session-memory.ts";
import { startTimer } from "./timers.ts";
import type { TransportLog } from "./transport-log.ts";
import { refuseUnreadable } from "./unreadable-requests.ts";

export interface ListenerAddress {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** An open port. */
export interface Listener {
  /** The port that it has. */
  readonly port: number;
  /**
   * New connections are shown this certificate. Open ones go on, unless their client's certificate was of another authority or
   * is revoked.
   */
  renew(tls: SecureServerOptions): void;
  /** Accepts no more calls, tells the running ones to end, and cuts the rest after `drainMs`. */
  close(drainMs: number): Promise<void>;
}

export interface TlsListenerOptions extends ListenerAddress {
  readonly tls: SecureServerOptions;
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly streamsPerConnectionMax: number;
  /** Flow-control window of a stream and of a connection, bytes. */
  readonly windowBytes: number;
  /** The longest time of a connection without a call, milliseconds; 0 for ever. */
  readonly idleMs: number;
  readonly log: TransportLog;
  /** False if a new connection is to be ended before TLS begins. */
  readonly admit?: (socket: Socket) => boolean;
  readonly onSession?: (session: ServerHttp2Session) => void;
}

/** The handler itself refuses a request without a host, with a reason. Node's types lack this option for this server. */
const HTTP1 = { requireHostHeader: false };
const HANDSHAKE_MS = 10_000;
const HEADERS_MS = 10_000;

/** Aborted when a listener begins to close, with the error for running calls. */
export class Shutdown {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#controller.abort(shutdownError());
  }
}

/** Rejects if the port cannot be opened. */
export async function openTlsListener(
  options: TlsListenerOptions,
  shutdown: Shutdown,
  handler: HttpHandler,
): Promise<Listener> {
  const tls = hardened(options.tls);
  const server = createSecureServer(
    {
      handshakeTimeout: HANDSHAKE_MS,
      maxSessionInvalidFrames: 100,
      ...HTTP1,
      ...SESSION_MEMORY,
      ...tls,
      settings: {
        initialWindowSize: options.windowBytes,
        maxConcurrentStreams: options.streamsPerConnectionMax,
        maxHeaderListSize: LIMITS.requestHeadBytesMax,
        enablePush: false,
      },
    },
    boundEarlyHeads(handler),
  );
  Object.assign(server, { headersTimeout: HEADERS_MS, maxConnections: options.connectionsMax });
  refuseUnreadable(server);
  const connections = track(server, options);
  let authority = tls.ca;
  await listen(server, options);
  server.on("error", (error: Error) => options.log.warn({ error: error.message }, "listener"));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    renew: (fresh) => {
      server.setSecureContext({ ...tls, ...hardened(fresh) });
      if (fresh.ca !== authority) connections.authorityReplaced();
      authority = fresh.ca;
      connections.revoke(listsOf(fresh));
    },
    close: (drainMs) => {
      shutdown.begin();
      return drain(server, connections, drainMs);
    },
  };
}

/**
 * One handshake for each connection: over TLS 1.2 a client could otherwise begin another and show another certificate,
 * and it costs the server more than the client.
 */
function hardened(tls: SecureServerOptions): SecureServerOptions {
  const secureOptions = (tls.secureOptions ?? 0) | constants.SSL_OP_NO_RENEGOTIATION;
  return { minVersion: "TLSv1.2", ...tls, secureOptions };
}

function listsOf({ crl = [] }: SecureServerOptions): readonly string[] {
  return [crl].flat().map(String);
}

interface Connections {
  readonly sockets: Set<Socket>;
  readonly sessions: Set<ServerHttp2Session>;
  authorityReplaced(): void;
  /** The lists in PEM. */
  revoke(lists: readonly string[]): void;
}

function track(server: Http2SecureServer, options: TlsListenerOptions): Connections {
  const { log } = options;
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const open = new KeyCounts<string>();
  const judged = new JudgedConnections();
  guard(server, (socket) => {
    const prefix = callerPrefix(socket);
    if (!open.addBelow(options.connectionsPerAddressMax, prefix)) {
      log.debug({ from: socket.remoteAddress }, "too many connections of one address");
      return false;
    }
    sockets.add(socket);
    judged.accepted(socket);
    socket.setNoDelay(true);
    socket.once("close", () => {
      sockets.delete(socket);
      open.add(prefix, -1);
    });
    return options.admit?.(socket) ?? true;
  });
  server.prependListener("secureConnection", (socket) => judged.secured(socket));
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", (error) => log.debug({ error: error.message }, "a connection failed"));
    session.setLocalWindowSize(options.windowBytes);
    if (options.idleMs > 0) session.setTimeout(options.idleMs, () => session.close());
    options.onSession?.(session);
  });
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    log.debug({ error: error.message, from: socket.remoteAddress }, "a TLS handshake failed");
  });
  return {
    sockets,
    sessions,
    authorityReplaced: () => judged.authorityReplaced(sockets, sessions),
    revoke: (lists) => judged.revoke(lists, sessions),
  };
}

/** Asks about a connection before TLS begins on it, which costs many times as much as the question. */
function guard(server: Http2SecureServer, admit: (socket: Socket) => boolean): void {
  const [begin, ...others] = server.listeners("connection");
  assert(begin !== undefined && others.length === 0, "Node begins TLS in the only listener");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    if (admit(socket)) {
      begin.call(server, socket);
      return;
    }
    socket.on("error", () => undefined);
    // With a reset, no state of the connection stays behind in the kernel.
    socket.resetAndDestroy();
  });
}

function listen(server: Http2SecureServer, { host, port }: ListenerAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function drain(
  server: Http2SecureServer,
  { sockets, sessions }: Connections,
  drainMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const keep = startTimer(drainMs, () => {
      for (const socket of sockets) socket.destroy();
    });
    server.close(() => {
      keep();
      resolve();
    });
    // Tells each client that no new call is accepted, and ends the connection with its last call.
    for (const session of sessions) session.close();
  });
}
