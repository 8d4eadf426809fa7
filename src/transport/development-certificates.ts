/**
 * Certificates for the client listeners of a development network: an authority of one's own and leaves for loopback.
 * Nothing is written here; the caller keeps the authority's key away from the nodes.
 */
import { createAuthority, issueCertificate, type Validity } from "./certificate-authority.ts";
import type { CertificateAndKey } from "./certificate-keys.ts";

/** The names and addresses under which a development network is reached. */
export const LOOPBACK_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "::1"];

export function createDevelopmentAuthority(validity: Validity): Promise<CertificateAndKey> {
  return createAuthority("Countersign development authority", validity);
}

/** A leaf for a client listener, signed by `authority`. Hosts are DNS names and IP addresses. */
export function createListenerCertificate(
  authority: CertificateAndKey,
  hosts: readonly string[],
  validity: Validity,
): Promise<CertificateAndKey> {
  const commonName = "Countersign development node";
  return issueCertificate(authority, { commonName, hosts, uses: ["server"], validity });
}
