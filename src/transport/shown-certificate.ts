/** The certificate that a TLS client showed: read once for each connection, while its dates are looked at by each call. */
import type { PeerCertificate, TLSSocket } from "node:tls";

export interface ShownCertificate {
  /** The one common name of its subject; undefined if there is none, or more than one. */
  readonly commonName: string | undefined;
  /** Why the authority of the listener does not vouch for it, as OpenSSL names it; undefined if it does. */
  readonly problem: string | undefined;
  /** Of the whole chain up to the authority, milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Undefined for a connection without a client certificate, and for one without TLS. */
export function shownCertificate(socket: object): ShownCertificate | undefined {
  if (!isTls(socket)) return undefined;
  const shown = socket.getPeerCertificate(true);
  // An empty object stands for none.
  if (shown === undefined || shown === null || shown.raw === undefined) return undefined;
  const chain = chainOf(shown);
  const problem = socket.authorized ? undefined : String(socket.authorizationError ?? "untrusted");
  return {
    commonName: commonNameOf(shown),
    problem,
    validFrom: Math.max(...chain.map(({ valid_from }) => Date.parse(valid_from))),
    validTo: Math.min(...chain.map(({ valid_to }) => Date.parse(valid_to))),
  };
}

function isTls(socket: object): socket is TLSSocket {
  return "getPeerCertificate" in socket && typeof socket.getPeerCertificate === "function";
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
