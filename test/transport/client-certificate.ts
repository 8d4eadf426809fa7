/** Client certificates for tests: of a given authority, subject, dates and purpose. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import {
  type CertificateAndKey,
  generateKeys,
  KEY_ALGORITHM,
  SIGNING_ALGORITHM,
  toPem,
} from "../../src/transport/certificate-keys.ts";

export interface ClientSubject {
  /** As in X.500, such as "CN=payments, O=Example". */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
  readonly purpose?: "client" | "server";
}

export async function createClientCertificate(
  authority: CertificateAndKey,
  { subject, from, to, purpose = "client" }: ClientSubject,
): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const [pkcs8] = x509.PemConverter.decode(authority.key);
  if (pkcs8 === undefined) throw new Error("the authority has a key");
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, KEY_ALGORITHM, false, [
    "sign",
  ]);
  const usage = { client: "clientAuth", server: "serverAuth" } as const;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject,
      issuer: new x509.X509Certificate(authority.certificate).subject,
      signingKey,
      publicKey: keys.publicKey,
      signingAlgorithm: SIGNING_ALGORITHM,
      notBefore: new Date(from ?? Date.now() - 3_600_000),
      notAfter: new Date(to ?? Date.now() + 86_400_000),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage[purpose]]]),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys);
}
