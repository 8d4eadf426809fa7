/** An HTTP/1.1 listener on a Unix socket, bounded in connections and time, and that can be closed in order. */
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import type { HttpHandler } from "./http-adapter.ts";
import { startTimer } from "./timers.ts";
import type { Shutdown } from "./tls-listener.ts";
import type { TransportLog } from "./transport-log.ts";
import { listenOnSocket } from "./unix-socket.ts";
import { refuseUnreadable } from "./unreadable-requests.ts";

export interface SocketListenerOptions {
  readonly path: string;
  readonly connectionsMax: number;
  /** The time that a request has to bring its body, and the longest time of a connection between two calls, milliseconds. */
  readonly bodyMs: number;
  readonly idleMs: number;
  readonly log: TransportLog;
}

const HEADERS_MS = 10_000;
const HEADER_BYTES_MAX = 16 * 1024;

/** Rejects with SocketProblem if the socket cannot be had. */
export async function openSocketListener(
  options: SocketListenerOptions,
  shutdown: Shutdown,
  handler: HttpHandler,
): Promise<{ close(drainMs: number): Promise<void> }> {
  const { path, connectionsMax, bodyMs, idleMs, log } = options;
  const server = createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: HEADERS_MS + bodyMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: HEADER_BYTES_MAX,
      // The handler refuses what names no host, and says so.
      requireHostHeader: false,
    },
    handler,
  );
  server.maxConnections = connectionsMax;
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
