/**
 * A private authority and the certificates that it signs: for listeners, and for clients that prove themselves by TLS. It
 * writes no file; the owner keeps the authority's key away from the nodes.
 */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import {
  type CertificateAndKey,
  generateKeys,
  KEY_ALGORITHM,
  SIGNING_ALGORITHM,
  toPem,
} from "./certificate-keys.ts";

const DAY_MS = 86_400_000;
/** Clocks of the same machine differ by nothing, those of other machines by little. */
const BACKDATE_MS = 3_600_000;

export interface Validity {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly days: number;
}

/** A server proves the names that it is called by, a client proves the name that it has. */
export type CertificateUse = "server" | "client";

export interface CertificateTerms {
  readonly commonName: string;
  /** DNS names and IP addresses; none for a client. */
  readonly hosts: readonly string[];
  readonly uses: readonly CertificateUse[];
  readonly validity: Validity;
  /** PKCS #8 in PEM of a key that is there; absent: a new one is drawn. */
  readonly key?: string | undefined;
}

export async function createAuthority(
  commonName: string,
  validity: Validity,
): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [commonName] }],
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

const USAGES: Readonly<Record<CertificateUse, x509.ExtendedKeyUsage>> = {
  server: x509.ExtendedKeyUsage.serverAuth,
  client: x509.ExtendedKeyUsage.clientAuth,
};

/** A certificate signed by `authority`, with its key. */
export async function issueCertificate(
  authority: CertificateAndKey,
  terms: CertificateTerms,
): Promise<CertificateAndKey> {
  const { commonName, hosts, uses, validity, key } = terms;
  const keys = key === undefined ? await generateKeys() : await importPair(key);
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = hosts.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [commonName] }],
      issuer: issuer.subject,
      signingKey: (await importPair(authority.key)).privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: SIGNING_ALGORITHM,
      ...dates(validity),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(uses.map((use) => USAGES[use])),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys);
}

/** The terms under which a certificate was issued; undefined if it is no certificate of this form. */
export function termsOf(pem: string): Omit<CertificateTerms, "validity" | "key"> | undefined {
  const certificate = new x509.X509Certificate(pem);
  const [commonName] = certificate.subjectName.getField("CN");
  const usage = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const uses = (["server", "client"] as const).filter((use) => usage.includes(USAGES[use]));
  if (commonName === undefined || uses.length === 0) return undefined;
  return { commonName, hosts: names.map(({ value }) => value), uses };
}

export interface Revocation {
  /** Serial number, hexadecimal. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A list of revoked certificates (CRL, RFC 5280 section 5), in PEM. It replaces those made before `validity.now`. */
export async function createRevocationList(
  authority: CertificateAndKey,
  { revoked, validity }: { readonly revoked: readonly Revocation[]; readonly validity: Validity },
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const { notBefore, notAfter } = dates(validity);
  const list = await x509.X509CrlGenerator.create(
    {
      issuer: issuer.subject,
      thisUpdate: notBefore,
      nextUpdate: notAfter,
      signingAlgorithm: SIGNING_ALGORITHM,
      signingKey: (await importPair(authority.key)).privateKey,
      entries: revoked.map(({ serial, at }) => ({
        serialNumber: serial,
        revocationDate: new Date(at),
        // Without a reason the package writes an empty list of extensions, which RFC 5280 section 4.1 forbids.
        reason: x509.X509CrlReason.privilegeWithdrawn,
      })),
      extensions: [
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
        new x509.Extension(CRL_NUMBER, false, derInteger(BigInt(validity.now))),
      ],
    },
    webcrypto,
  );
  return `${x509.PemConverter.encode(list.rawData, CRL_LABEL)}\n`;
}

/** RFC 7468 section 6; the package has another one, which OpenSSL does not read. */
const CRL_LABEL = "X509 CRL";
/** RFC 5280 section 5.2.3: it only grows. */
const CRL_NUMBER = "2.5.29.20";

/** Of a number that is not negative, below 2^1000 (ITU-T X.690 section 8.3). */
function derInteger(value: bigint): Uint8Array<ArrayBuffer> {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  const content = (bytes[0] ?? 0) < 0x80 ? [...bytes] : [0, ...bytes];
  return new Uint8Array([0x02, content.length, ...content]);
}

/** Both halves of a private key on P-256. */
async function importPair(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const [pkcs8] = x509.PemConverter.decode(pem);
  if (pkcs8 === undefined) throw new Error("the key is not PEM");
  const { subtle } = webcrypto;
  const privateKey = await subtle.importKey("pkcs8", pkcs8, KEY_ALGORITHM, true, ["sign"]);
  const { d: _, ...half } = await subtle.exportKey("jwk", privateKey);
  const jwk = { ...half, key_ops: ["verify"] };
  const publicKey = await subtle.importKey("jwk", jwk, KEY_ALGORITHM, true, ["verify"]);
  return { privateKey, publicKey };
}

function dates({ now, days }: Validity) {
  return { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + days * DAY_MS) };
}
