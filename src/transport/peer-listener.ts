/**
 * The listener for nodes: both sides prove their identity (T1). A caller that is not a member is told so once, causes
 * a line in the log, and is cut off (T2). Only binary messages are read.
 */
import type { Http2Session, SecureServerOptions } from "node:http2";
import type { TLSSocket } from "node:tls";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import { roomOfMember } from "../primitives/member-shares.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import type { PublicKey } from "../primitives/signature.ts";
import type { OnFailure } from "./call-errors.ts";
import type { CallObserver } from "./call-observer.ts";
import { callerValues, noMember } from "./caller.ts";
import type { CertificateAndKey } from "./certificate-keys.ts";
import { createHttpHandler } from "./http-adapter.ts";
import { incomingLinks } from "./incoming-links.ts";
import { MemberAddresses } from "./member-addresses.ts";
import { boundCalls, MemberConnections } from "./member-bounds.ts";
import { PeerAdmission } from "./peer-admission.ts";
import type { PeerApi } from "./peer-api.ts";
import {
  type CertificateCheck,
  type PeerIdentity,
  verifyPeerCertificate,
} from "./peer-certificate.ts";
import { createPeerCalls } from "./peer-service.ts";
import { peerSockets } from "./peer-sockets.ts";
import { startTimer } from "./timers.ts";
import { type Listener, type ListenerAddress, openTlsListener, Shutdown } from "./tls-listener.ts";
import type { TransportLog } from "./transport-log.ts";
import { unaryTable } from "./unary-service.ts";
import { answerStreamOn, UnreadAnswers } from "./unread-answers.ts";

export interface PeerListenerOptions extends ListenerAddress {
  readonly certificate: CertificateAndKey;
  readonly check: CertificateCheck;
  /** Number of members of the network. */
  readonly members: number;
  /** The member with this identity key; asked at every call, because the members may change. */
  readonly memberOf: (publicKey: PublicKey) => ValidatorIndex | undefined;
  /** Where members were: also filled by the side that dials them. */
  readonly addresses?: MemberAddresses;
  readonly api: PeerApi;
  readonly log: TransportLog;
  readonly onFailure: OnFailure;
  readonly observer?: CallObserver | undefined;
  /** Of the largest block that the genesis allows; absent: of any network. */
  readonly blockBytesMax?: number;
  readonly bodyTimeoutMs?: number;
  /** The time in which a connection must prove an identity, milliseconds. */
  readonly proofMs?: number;
  /** The time within which a member must read an answer, milliseconds. */
  readonly answerReadMs?: number;
  /** A clock in milliseconds for the rates of members; only differences matter. */
  readonly now: () => number;
}

const BODY_TIMEOUT_MS = 30_000;
/** The time for which a stranger's connection stays open, so that the stranger can be told. */
const STRANGER_MS = 2_000;

export function openPeerListener(options: PeerListenerOptions): Promise<Listener> {
  const { log, onFailure, host, port, members, now } = options;
  const { all: connectionsMax } = peerSockets(members);
  const addresses = options.addresses ?? new MemberAddresses();
  const admission = new PeerAdmission({ members, addresses, now, log, proofMs: options.proofMs });
  const shutdown = new Shutdown();
  const identities = new WeakMap<Http2Session, PeerIdentity>();
  const connections = new MemberConnections(roomOfMember(members).connectionsMax);
  const callerOf = (session: Http2Session | undefined): ValidatorIndex | undefined => {
    const identity = session === undefined ? undefined : identities.get(session);
    return identity?.known === true ? options.memberOf(identity.publicKey) : undefined;
  };
  const answers = new UnreadAnswers({
    members,
    blockBytesMax: options.blockBytesMax,
    ...(options.answerReadMs === undefined ? {} : { readMs: options.answerReadMs }),
  });
  const handler = createHttpHandler({
    unary: unaryTable(PeerService, createPeerCalls(options.api, answers)),
    receivers: new Map([[PeerService.method.link, incomingLinks(options.api)]]),
    plainPaths: new Map(),
    json: false,
    codings: [],
    messageBytesMax: LIMITS.linkMessageBytesMax,
    // Of all calls that a member has under way, only its link may be large.
    questionBytesMax: LIMITS.peerQuestionBytesMax,
    messageFieldsMax: LIMITS.peerMessageFieldsMax,
    bodyTimeoutMs: options.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
    shutdownSignal: shutdown.signal,
    acceptCompression: [],
    compressMinBytes: LIMITS.peerMessageBytesMax,
    admit: (request) => {
      if (!("stream" in request)) return noMember();
      const caller = callerOf(request.stream.session);
      if (caller === undefined) return noMember();
      return { values: callerValues(caller, answerStreamOn(request.stream)), end: () => undefined };
    },
    observer: options.observer,
    log,
    onFailure,
  });
  return openTlsListener(
    {
      host,
      port,
      tls: tlsOf(options.certificate),
      connectionsMax,
      // Members of a development network share their address; strangers are bounded before.
      connectionsPerAddressMax: connectionsMax,
      admit: (socket) => admission.admit(socket),
      streamsPerConnectionMax: LIMITS.streamsPerPeerConnectionMax,
      windowBytes: LIMITS.peerWindowBytes,
      idleMs: 0,
      log,
      onSession: (session) => {
        const identity = identify(session, options.check);
        identities.set(session, identity);
        const member = callerOf(session);
        if (member !== undefined) {
          admission.proved(session.socket, member);
          connections.add(member, session);
          return;
        }
        turnAway(session, identity, log);
      },
    },
    shutdown,
    boundCalls(handler, callerOf, { members, now, log }),
  );
}

function tlsOf({ certificate, key }: CertificateAndKey): SecureServerOptions {
  return {
    cert: certificate,
    key,
    minVersion: "TLSv1.3",
    requestCert: true,
    // Certificates are self-signed; identify() checks them.
    rejectUnauthorized: false,
    allowHTTP1: false,
  };
}

/** Its calls are answered for a while, each with the refusal for strangers (T2). */
function turnAway(session: Http2Session, identity: PeerIdentity, log: TransportLog): void {
  const problem = identity.known ? "the identity is not a member's" : identity.problem;
  log.warn({ from: session.socket.remoteAddress, problem }, "a stranger on the peer port");
  const keep = startTimer(STRANGER_MS, () => session.destroy());
  session.once("close", keep);
}

/** Once per TLS session: reading a certificate costs more than a small call. */
function identify(session: Http2Session, check: CertificateCheck): PeerIdentity {
  const certificate = (session.socket as TLSSocket).getPeerX509Certificate();
  if (certificate === undefined) return { known: false, problem: "it showed no certificate" };
  return verifyPeerCertificate(new Uint8Array(certificate.raw), check);
}
