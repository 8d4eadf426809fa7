/**
 * Stands at the peer port of a node that does not run: it shows the node's certificate, notes which members come and
 * prove themselves, and ends every connection after the handshake. So members are seen to reach the port.
 */
import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { PublicKey } from "../primitives/signature.ts";
import type { CertificateAndKey } from "./certificate-keys.ts";
import { type CertificateCheck, verifyPeerCertificate } from "./peer-certificate.ts";
import type { ListenerAddress } from "./tls-listener.ts";

export interface IdentityListenerOptions extends ListenerAddress {
  readonly certificate: CertificateAndKey;
  readonly check: CertificateCheck;
  /** Another node has proved this identity. */
  readonly onProven: (publicKey: PublicKey) => void;
}

const CONNECTIONS_MAX = 256;
const HANDSHAKE_MS = 5_000;

/** Throws the error of the operating system if the port cannot be had. */
export async function openIdentityListener(
  options: IdentityListenerOptions,
): Promise<{ readonly close: () => Promise<void> }> {
  const { certificate, host, port } = options;
  const open = new Set<Socket>();
  const server = createServer({
    cert: certificate.certificate,
    key: certificate.key,
    minVersion: "TLSv1.3",
    ALPNProtocols: ["h2"],
    handshakeTimeout: HANDSHAKE_MS,
    requestCert: true,
    // Certificates are self-signed; identityOf checks them.
    rejectUnauthorized: false,
  });
  server.maxConnections = CONNECTIONS_MAX;
  // Those whose handshake still runs are ended with the others.
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("tlsClientError", (_, socket) => socket.destroy());
  server.on("secureConnection", (socket) => {
    socket.on("error", () => socket.destroy());
    const identity = identityOf(socket, options.check);
    if (identity !== undefined) options.onProven(identity);
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { close };
}

function identityOf(socket: TLSSocket, check: CertificateCheck): PublicKey | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const identity = verifyPeerCertificate(new Uint8Array(certificate.raw), check);
  return identity.known ? identity.publicKey : undefined;
}
