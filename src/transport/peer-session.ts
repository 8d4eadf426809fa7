/**
 * The HTTP/2 connection to one peer, shared by its link and all other calls. It takes the place of connect-node's
 * Http2SessionManager because no byte may leave before the other side has proved to be that peer (T1), and
 * because a GOAWAY must never be an uncaught exception (connect-es issue 1768): here a session has its error listener
 * from its first moment to its last.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import { isIP } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { equalBytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { PublicKey } from "../primitives/signature.ts";
import {
  type CertificateCheck,
  type PeerCertificate,
  verifyPeerCertificate,
} from "./peer-certificate.ts";
import type { TransportLog } from "./ports.ts";
import { afterListening, startInterval, startTimer } from "./timers.ts";

export interface PeerSessionOptions {
  /** host:port of the peer listener. */
  readonly address: string;
  /** Who must be there. */
  readonly identityKey: PublicKey;
  readonly certificate: PeerCertificate;
  readonly check: CertificateCheck;
  readonly log: TransportLog;
  /** The peer has answered a ping. */
  readonly onAnswer?: () => void;
  readonly timings?: PeerSessionTimings;
}

/** Milliseconds. */
export interface PeerSessionTimings {
  /** To connect and prove who one is. */
  readonly connectMs: number;
  /** Between two pings, calls or none. */
  readonly pingMs: number;
  /** A ping unanswered for so long ends the session: the peer is dead or frozen. */
  readonly pingTimeoutMs: number;
}

const TIMINGS: PeerSessionTimings = { connectMs: 5_000, pingMs: 2_000, pingTimeoutMs: 3_000 };

const ATTEMPTS = 3;
const CLOSED = "the link to this peer is closed";

/** The peer could not be reached, or whoever was reached is not the peer. */
export class PeerUnreachable extends Error {
  override readonly name = "PeerUnreachable";
}

/** A session manager as connect-node takes it: connects when there is a call, anew after every end. */
export class PeerSession {
  /** The origin of all calls. */
  readonly authority: string;
  /** Node's own would be an IPv6 address without its brackets, which is no authority (RFC 3986 section 3.2.2). */
  readonly #host: string;
  readonly #options: PeerSessionOptions;
  readonly #timings: PeerSessionTimings;
  #session: Promise<ClientHttp2Session> | undefined;
  #closed = false;

  constructor(options: PeerSessionOptions) {
    this.#options = options;
    this.#timings = options.timings ?? TIMINGS;
    this.authority = `https://${options.address}`;
    this.#host = new URL(this.authority).host;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: object,
  ): Promise<ClientHttp2Stream> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const opening = this.#open();
      const session = await opening;
      try {
        const head = { ...headers, ":method": method, ":path": path, ":authority": this.#host };
        const stream = session.request(head, options);
        // The caller's listener comes one turn later.
        stream.on("error", () => undefined);
        return stream;
      } catch (error) {
        // A session that ended, or was told to, since it was opened: nothing was sent, so dial again.
        if (!session.closed && !session.destroyed) throw error;
        this.#forget(opening);
      }
    }
    throw new PeerUnreachable(`${this.#options.address}: closes every connection at once`);
  }

  notifyResponseByteRead(): void {
    // Part of connect-node's contract; pings go out in any case.
  }

  /** Ends the connection and every call on it; no call opens another. */
  close(): void {
    this.#closed = true;
    const session = this.#session;
    this.#session = undefined;
    session?.then(
      (open) => destroy(open, CLOSED),
      () => undefined,
    );
  }

  #open(): Promise<ClientHttp2Session> {
    if (this.#closed) return Promise.reject(closed());
    this.#session ??= this.#dial();
    return this.#session;
  }

  /** The next call dials again. */
  #forget(session: Promise<ClientHttp2Session>): void {
    if (this.#session === session) this.#session = undefined;
  }

  #dial(): Promise<ClientHttp2Session> {
    const dialed: Promise<ClientHttp2Session> = this.#dialProven().then((socket) => {
      if (this.#closed) {
        socket.destroy();
        throw closed();
      }
      const session = connectHttp2(this.authority, {
        createConnection: () => socket,
        settings: { initialWindowSize: LIMITS.peerWindowBytes, enablePush: false },
      });
      session.on("error", (error: Error) => this.#log({ error: error.message }, "link failed"));
      session.once("close", () => this.#forget(dialed));
      // The peer is going: running calls may end, the next call dials again.
      session.once("goaway", () => this.#forget(dialed));
      // Node says so of a session too that was destroyed before.
      session.once("connect", () => {
        if (!session.destroyed) session.setLocalWindowSize(LIMITS.peerWindowBytes);
      });
      this.#keepAlive(session);
      return session;
    });
    dialed.catch(() => this.#forget(dialed));
    return dialed;
  }

  /** A connection whose other side is the peer; until it is, only TLS was spoken on it. */
  #dialProven(): Promise<TLSSocket> {
    const { address, certificate } = this.#options;
    const { hostname, port } = new URL(`https://${address}`);
    const host = hostname.replace(/^\[|\]$/g, "");
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        host,
        port: port === "" ? 443 : Number(port),
        cert: certificate.certificate,
        key: certificate.key,
        ALPNProtocols: ["h2"],
        minVersion: "TLSv1.3",
        // Certificates are self-signed; #problemOf judges them.
        rejectUnauthorized: false,
        // A name belongs into the handshake, an address does not (RFC 6066 section 3).
        ...(isIP(host) === 0 ? { servername: host } : {}),
      });
      socket.setNoDelay(true);
      const giveUp = (problem: string): void => {
        cancel();
        socket.destroy();
        reject(new PeerUnreachable(`${address}: ${problem}`));
      };
      const cancel = startTimer(this.#timings.connectMs, () => giveUp("no answer in time"));
      const onError = (error: Error): void => giveUp(error.message);
      socket.once("error", onError);
      socket.once("secureConnect", () => {
        const problem = this.#problemOf(socket);
        if (problem !== undefined) {
          this.#options.log.warn({ peer: address, problem }, "an impostor at a peer's address");
          giveUp(problem);
          return;
        }
        cancel();
        socket.off("error", onError);
        resolve(socket);
      });
    });
  }

  /** Why the other side is not the peer. */
  #problemOf(socket: TLSSocket): string | undefined {
    if (socket.alpnProtocol !== "h2") return "it does not speak HTTP/2";
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return "it showed no certificate";
    const identity = verifyPeerCertificate(new Uint8Array(certificate.raw), this.#options.check);
    if (!identity.known) return identity.problem;
    return equalBytes(identity.publicKey, this.#options.identityKey)
      ? undefined
      : "it has another node's identity";
  }

  /** A frozen peer accepts bytes for long; only its silence tells. */
  #keepAlive(session: ClientHttp2Session): void {
    const { pingMs, pingTimeoutMs } = this.#timings;
    let answered: (() => void) | undefined;
    const rest = startInterval(pingMs, () => {
      if (answered !== undefined || session.destroyed) return;
      answered = afterListening(pingTimeoutMs, () => destroy(session, "no answer to a ping"));
      session.ping((error) => {
        answered?.();
        answered = undefined;
        if (error === null) this.#options.onAnswer?.();
      });
    });
    session.once("close", () => {
      rest();
      answered?.();
    });
  }

  #log(fields: object, message: string): void {
    this.#options.log.debug({ peer: this.#options.address, ...fields }, message);
  }
}

function closed(): PeerUnreachable {
  return new PeerUnreachable(CLOSED);
}

/** With an error: without one Node ends the streams as if all were well, and calls on them wait for ever. */
function destroy(session: ClientHttp2Session, why: string): void {
  session.destroy(new PeerUnreachable(why), constants.NGHTTP2_CANCEL);
}
