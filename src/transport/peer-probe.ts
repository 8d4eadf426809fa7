/** Dials a peer once, to see who answers there: nothing is sent but what TLS needs, and the connection ends at once. */
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { equalBytes } from "../primitives/bytes.ts";
import type { PublicKey } from "../primitives/signature.ts";
import type { CertificateAndKey } from "./certificate-keys.ts";
import { connectProblem } from "./connect-problem.ts";
import { type CertificateCheck, verifyPeerCertificate } from "./peer-certificate.ts";
import { startTimer } from "./timers.ts";

/** The party at the address of a peer. */
export type PeerProbe =
  | { readonly kind: "proven" }
  /** No connection, or no TLS on it. */
  | { readonly kind: "unreachable"; readonly problem: string }
  /** It names the peer's identity, which did not sign for this network. */
  | { readonly kind: "otherNetwork" }
  /** Another node, or another program. */
  | { readonly kind: "impostor"; readonly problem: string };

export interface PeerProbeOptions {
  /** host:port of the peer listener. */
  readonly address: string;
  readonly identityKey: PublicKey;
  readonly certificate: CertificateAndKey;
  readonly check: CertificateCheck;
  readonly timeoutMs: number;
}

export function probePeer(options: PeerProbeOptions): Promise<PeerProbe> {
  const { address, certificate, timeoutMs } = options;
  const { hostname, port } = new URL(`https://${address}`);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: port === "" ? 443 : Number(port),
      cert: certificate.certificate,
      key: certificate.key,
      ALPNProtocols: ["h2"],
      minVersion: "TLSv1.3",
      // Certificates are self-signed; judge() checks them.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const end = (probe: PeerProbe): void => {
      cancel();
      socket.destroy();
      resolve(probe);
    };
    const cancel = startTimer(timeoutMs, () =>
      end({ kind: "unreachable", problem: `no answer within ${timeoutMs / 1000} s` }),
    );
    socket.on("error", (error) => end({ kind: "unreachable", problem: connectProblem(error) }));
    socket.once("secureConnect", () => end(judge(options, socket)));
  });
}

function judge({ identityKey, check }: PeerProbeOptions, socket: TLSSocket): PeerProbe {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { kind: "impostor", problem: "it showed no certificate" };
  const identity = verifyPeerCertificate(new Uint8Array(certificate.raw), check);
  const key = identity.known ? identity.publicKey : identity.claimed;
  const isPeer = key !== undefined && equalBytes(key, identityKey);
  if (identity.known) {
    return isPeer
      ? { kind: "proven" }
      : { kind: "impostor", problem: "it has another node's identity" };
  }
  return isPeer ? { kind: "otherNetwork" } : { kind: "impostor", problem: identity.problem };
}
