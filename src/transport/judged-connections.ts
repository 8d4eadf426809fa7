/**
 * The connections of a listener whose clients showed certificates. When the authority is replaced, no call counts on a verdict
 * of the old one, and these connections end: their clients connect anew. When certificates are revoked, their connections end.
 */
import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import {
  callerCertificate,
  distrustCallerCertificate,
  keepCallerCertificate,
} from "./caller-certificate.ts";
import { RevokedSerials } from "./revocation-list.ts";
import { startTimer } from "./timers.ts";

/** For calls that run when the authority is replaced or the certificate revoked. */
const LAST_CALLS_MS = 2_000;
const REPLACED = "the authority was replaced: connect again";
/** As OpenSSL names it. */
const REVOKED = "CERT_REVOKED";

export class JudgedConnections {
  readonly #shown = new Set<TLSSocket>();
  /** Ends of connections that were accepted under an old authority; a handshake may still run on them. */
  #stale = new Set<string>();
  #revoked = new RevokedSerials([]);

  /** For the event `secureConnection`, before anything else uses the socket. */
  secured(socket: TLSSocket): void {
    keepCallerCertificate(socket);
    if (callerCertificate(socket) === undefined) return;
    this.#shown.add(socket);
    socket.once("close", () => this.#shown.delete(socket));
    if (this.#stale.has(endOf(socket))) end(socket, REPLACED);
    // The handshake may have begun under an older list.
    else if (this.#isRevoked(socket)) end(socket, REVOKED);
  }

  /** `open`: all connections, those included whose handshake runs. */
  authorityReplaced(open: Iterable<Socket>, sessions: Iterable<ServerHttp2Session>): void {
    this.#stale = new Set([...open].map(endOf));
    this.#endThose(() => true, sessions, REPLACED);
  }

  /** `lists`: all that are in force now. */
  revoke(lists: readonly string[], sessions: Iterable<ServerHttp2Session>): void {
    this.#revoked = new RevokedSerials(lists);
    this.#endThose((socket) => this.#isRevoked(socket), sessions, REVOKED);
  }

  #isRevoked(socket: object): boolean {
    const serials = callerCertificate(socket)?.serials ?? [];
    return serials.some((serial) => this.#revoked.has(serial));
  }

  #endThose(
    isMeant: (socket: object) => boolean,
    sessions: Iterable<ServerHttp2Session>,
    problem: string,
  ): void {
    for (const socket of this.#shown) if (isMeant(socket)) end(socket, problem);
    for (const session of sessions) {
      const { socket } = session;
      if (callerCertificate(socket) !== undefined && isMeant(socket)) session.close();
    }
  }

  /** A new connection may have the address and port of an earlier one. */
  accepted(socket: Socket): void {
    this.#stale.delete(endOf(socket));
  }
}

function end(socket: TLSSocket, problem: string): void {
  distrustCallerCertificate(socket, problem);
  const stop = startTimer(LAST_CALLS_MS, () => socket.destroy());
  socket.once("close", stop);
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
