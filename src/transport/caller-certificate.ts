/**
 * The certificate that a TLS client showed: read once, at the end of the handshake, and kept with the connection. Node's
 * verdict `authorized` would stay true if the connection showed another, so nothing is read later. Each call compares
 * the dates.
 */
import type { PeerCertificate, TLSSocket } from "node:tls";

export interface CallerCertificate {
  /** The one common name of its subject; undefined if there is none, or more than one. */
  readonly commonName: string | undefined;
  /** Serial numbers of the whole chain, hexadecimal. */
  readonly serials: readonly string[];
  /** Why the authority of the listener does not vouch for it, as OpenSSL names it; undefined if it does. */
  readonly problem: string | undefined;
  /** Of the whole chain up to the authority, milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

const SHOWN = Symbol("the certificate that was shown");

/** A property of the socket, because the proxies that Node's HTTP/2 puts before a socket pass properties on. */
interface Keeper {
  [SHOWN]?: CallerCertificate;
}

/** For the event `secureConnection`, before anything else uses the socket. */
export function keepCallerCertificate(socket: TLSSocket & Keeper): void {
  const shown = readCertificate(socket);
  if (shown !== undefined) socket[SHOWN] = shown;
}

/** From now on the certificate does not hold. */
export function distrustCallerCertificate(socket: TLSSocket & Keeper, problem: string): void {
  const shown = socket[SHOWN];
  if (shown !== undefined) socket[SHOWN] = { ...shown, problem };
}

/** Undefined for a connection without a client certificate, and for one without TLS. */
export function callerCertificate(socket: object & Keeper): CallerCertificate | undefined {
  return socket[SHOWN];
}

function readCertificate(socket: TLSSocket): CallerCertificate | undefined {
  const shown = socket.getPeerCertificate(true);
  // An empty object stands for none.
  if (shown === undefined || shown === null || shown.raw === undefined) return undefined;
  const chain = chainOf(shown);
  const { authorized, authorizationError } = socket;
  const isVouchedFor = authorized && (authorizationError ?? undefined) === undefined;
  return {
    commonName: commonNameOf(shown),
    serials: chain.map(({ serialNumber }) => serialNumber),
    problem: isVouchedFor ? undefined : String(authorizationError ?? "untrusted"),
    validFrom: Math.max(...chain.map(({ valid_from }) => Date.parse(valid_from))),
    validTo: Math.min(...chain.map(({ valid_to }) => Date.parse(valid_to))),
  };
}

interface ChainLink extends PeerCertificate {
  readonly issuerCertificate?: ChainLink;
}

/** The certificate and those above it; a root is its own issuer. */
function chainOf(leaf: ChainLink): readonly ChainLink[] {
  const chain: ChainLink[] = [];
  for (let link: ChainLink | undefined = leaf; link !== undefined; link = link.issuerCertificate) {
    if (chain.includes(link)) break;
    chain.push(link);
  }
  return chain;
}

/** Of several, Node gives a list. */
function commonNameOf({ subject }: PeerCertificate): string | undefined {
  const name: unknown = subject?.CN;
  return typeof name === "string" ? name : undefined;
}
