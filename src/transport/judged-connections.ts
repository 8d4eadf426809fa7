/**
 * The connections of a listener whose clients showed certificates. When the authority is replaced, no call counts on a verdict
 * of the old one, and these connections end: their clients connect anew.
 */
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import {
  callerCertificate,
  distrustCallerCertificate,
  keepCallerCertificate,
} from "./caller-certificate.ts";
import { startTimer } from "./timers.ts";

/** For calls that run when the authority is replaced. */
const LAST_CALLS_MS = 2_000;

export class JudgedConnections {
  readonly #shown = new Set<TLSSocket>();
  /** Ends of connections that were accepted under an old authority; a handshake may still run on them. */
  #stale = new Set<string>();

  /** For the event `secureConnection`, before anything else uses the socket. */
  secured(socket: TLSSocket): void {
    keepCallerCertificate(socket);
    if (callerCertificate(socket) === undefined) return;
    this.#shown.add(socket);
    socket.once("close", () => this.#shown.delete(socket));
    if (this.#stale.has(endOf(socket))) end(socket);
  }

  /** `open`: all connections, those included whose handshake runs. */
  authorityReplaced(open: Iterable<Socket>, sessions: Iterable<ServerHttp2Session>): void {
    this.#stale = new Set([...open].map(endOf));
    for (const socket of this.#shown) end(socket);
    for (const session of sessions) {
      if (callerCertificate(session.socket) !== undefined) session.close();
    }
  }

  /** A new connection may have the address and port of an earlier one. */
  accepted(socket: Socket): void {
    this.#stale.delete(endOf(socket));
  }
}

function end(socket: TLSSocket): void {
  distrustCallerCertificate(socket);
  const stop = startTimer(LAST_CALLS_MS, () => socket.destroy());
  socket.once("close", stop);
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
