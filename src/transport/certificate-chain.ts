/** Checks PEM certificates before use: OpenSSL treats a file without any as "no certificate", not as an error. */
import { X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const MARK = /-----(BEGIN|END) CERTIFICATE-----/g;

/** The fault of the certificates in `pem`, in words that follow the name of their file; undefined if there is none. */
export function chainProblem(pem: string): string | undefined {
  if (pem.trim() === "") return "which is empty";
  const blocks = pem.match(BLOCK) ?? [];
  const marks = pem.match(MARK) ?? [];
  if (marks.length === 0) return "which holds no certificate in PEM";
  if (marks.length !== 2 * blocks.length) return "which holds a certificate that is cut off";
  const broken = blocks.findIndex((block) => !isReadable(block));
  if (broken === -1) return undefined;
  return `in which certificate ${broken + 1} of ${blocks.length} is not a certificate`;
}

/** The certificates in `pem`, which must be valid. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
}

/** Expiry of the first certificate in `pem`, which must be valid; milliseconds since 1970. */
export function chainEndsAt(pem: string): number {
  return Math.min(...certificatesIn(pem).map(({ validToDate }) => validToDate.getTime()));
}

function isReadable(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}
