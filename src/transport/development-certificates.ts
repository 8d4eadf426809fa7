/**
 * Makes certificates for the client listeners of a development network: its own authority, and leaves for loopback.
 * Real networks use their operators' certificates. This file writes nothing; the caller keeps the authority's key
 * away from the nodes.
 */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import {
  type CertificateAndKey,
  generateKeys,
  KEY_ALGORITHM,
  SIGNING_ALGORITHM,
  toPem,
} from "./certificate-keys.ts";

const DAY_MS = 86_400_000;
/** Clocks of one machine agree; those of a container and its host differ a little. */
const BACKDATE_MS = 3_600_000;

export interface Validity {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly days: number;
}

/** The names and addresses of a development network. */
export const LOOPBACK_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "::1"];

export async function createDevelopmentAuthority(validity: Validity): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=Countersign development authority",
      keys,
      signingAlgorithm: SIGNING_ALGORITHM,
      ...dates(validity),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys);
}

/** A leaf for a client listener, signed by `authority`. Hosts are DNS names and IP addresses. */
export async function createListenerCertificate(
  authority: CertificateAndKey,
  hosts: readonly string[],
  validity: Validity,
): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = hosts.map((value) => ({ type: isAddress(value) ? "ip" : "dns", value }) as const);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: "CN=Countersign development node",
      issuer: issuer.subject,
      signingKey: await importKey(authority.key),
      publicKey: keys.publicKey,
      signingAlgorithm: SIGNING_ALGORITHM,
      ...dates(validity),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys);
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [pkcs8] = x509.PemConverter.decode(pem);
  if (pkcs8 === undefined) throw new Error("the authority's key is not PEM");
  return webcrypto.subtle.importKey("pkcs8", pkcs8, KEY_ALGORITHM, false, ["sign"]);
}

function dates({ now, days }: Validity) {
  return { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + days * DAY_MS) };
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$/.test(host) || host.includes(":");
}
