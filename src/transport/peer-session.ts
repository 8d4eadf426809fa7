/**
 * The HTTP/2 connection to one peer, shared by its link and all other calls. No byte is sent before the other side
 * has proved that it is that peer (T1).
 */
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { isIP, type LookupFunction } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { equalBytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { PublicKey } from "../primitives/signature.ts";
import type { CertificateAndKey } from "./certificate-keys.ts";
import { ClientSession, type PingTimings } from "./client-session.ts";
import { connectProblem } from "./connect-problem.ts";
import { type CertificateCheck, verifyPeerCertificate } from "./peer-certificate.ts";
import { SESSION_MEMORY } from "./session-memory.ts";
import { startTimer } from "./timers.ts";
import type { TransportLog } from "./transport-log.ts";

export interface PeerSessionOptions {
  /** host:port of the peer listener. */
  readonly address: string;
  /** The identity that the other side must prove. */
  readonly identityKey: PublicKey;
  readonly certificate: CertificateAndKey;
  readonly check: CertificateCheck;
  /** Resolves names; the default is the resolver of the system. */
  readonly lookup?: LookupFunction;
  /** The peer has proved its identity at this address. */
  readonly onProven?: (remoteAddress: string) => void;
  readonly log: TransportLog;
  /** The peer has answered a ping. */
  readonly onAnswer?: () => void;
  readonly timings?: PeerSessionTimings;
}

/** Milliseconds. */
export interface PeerSessionTimings extends PingTimings {
  /** The time to connect and to prove an identity. */
  readonly connectMs: number;
}

const TIMINGS: PeerSessionTimings = { connectMs: 5_000, pingMs: 2_000, pingTimeoutMs: 3_000 };

/** The peer could not be reached, or another program answered at its address. */
export class PeerUnreachable extends Error {
  override readonly name = "PeerUnreachable";
}

/** Pings are sent even without calls, because the link may wait for long without a message. */
export function openPeerSession(options: PeerSessionOptions): ClientSession {
  const { address, log, onAnswer, timings = TIMINGS } = options;
  const url = new URL(`https://${address}`);
  return new ClientSession(url, {
    dial: async () => openHttp2(url, await dialProven(options, url, timings.connectMs)),
    endError: ({ message }) => new PeerUnreachable(`${address}: ${message}`),
    timings,
    pings: "always",
    onAnswer,
    onError: (error) => log.debug({ peer: address, error: error.message }, "link failed"),
  });
}

function openHttp2({ origin }: URL, socket: TLSSocket): ClientHttp2Session {
  const session = connectHttp2(origin, {
    ...SESSION_MEMORY,
    createConnection: () => socket,
    settings: { initialWindowSize: LIMITS.peerWindowBytes, enablePush: false },
  });
  // Node emits this event even for a session that has already been destroyed.
  session.once("connect", () => {
    if (!session.destroyed) session.setLocalWindowSize(LIMITS.peerWindowBytes);
  });
  return session;
}

/** A connection to the peer; until the identity is proved, only TLS is spoken on it. */
function dialProven(
  options: PeerSessionOptions,
  { hostname, port }: URL,
  connectMs: number,
): Promise<TLSSocket> {
  const { address, certificate, lookup } = options;
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host,
      port: port === "" ? 443 : Number(port),
      cert: certificate.certificate,
      key: certificate.key,
      ALPNProtocols: ["h2"],
      minVersion: "TLSv1.3",
      // Certificates are self-signed; problemOf checks them.
      rejectUnauthorized: false,
      ...(lookup === undefined ? {} : { lookup }),
      // A name belongs into the handshake, an address does not (RFC 6066 section 3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    socket.setNoDelay(true);
    const giveUp = (problem: string): void => {
      cancel();
      socket.destroy();
      reject(new PeerUnreachable(`${address}: ${problem}`));
    };
    const cancel = startTimer(connectMs, () => giveUp("no answer in time"));
    const onError = (error: Error): void => giveUp(connectProblem(error));
    socket.once("error", onError);
    socket.once("secureConnect", () => {
      const problem = problemOf(options, socket);
      if (problem !== undefined) {
        options.log.warn({ peer: address, problem }, "an impostor at a peer's address");
        giveUp(problem);
        return;
      }
      cancel();
      socket.off("error", onError);
      options.onProven?.(socket.remoteAddress ?? "");
      resolve(socket);
    });
  });
}

/** The reason why the other side is not the peer. */
function problemOf(
  { check, identityKey }: PeerSessionOptions,
  socket: TLSSocket,
): string | undefined {
  if (socket.alpnProtocol !== "h2") return "it does not speak HTTP/2";
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return "it showed no certificate";
  const identity = verifyPeerCertificate(new Uint8Array(certificate.raw), check);
  if (!identity.known) return identity.problem;
  return equalBytes(identity.publicKey, identityKey) ? undefined : "it has another node's identity";
}
