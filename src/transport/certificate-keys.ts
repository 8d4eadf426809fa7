/** The keys of the certificates that nodes make: ECDSA on P-256, which every TLS stack knows. */
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

export const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
export const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" };

/** A certificate and its PKCS #8 key, both PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

export function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

export async function toPem(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<CertificateAndKey> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, x509.PemConverter.PrivateKeyTag)}\n`,
  };
}
