/**
 * Revocation lists of the authorities of client certificates (CRL, RFC 5280 section 5). OpenSSL judges new connections by them;
 * here a list is read before it is used, because with a wrong or missing one OpenSSL refuses every certificate.
 */
import "reflect-metadata";
import { constants, verify, type X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Revocation } from "./certificate-authority.ts";
import { certificatesIn } from "./certificate-chain.ts";
import { formatTime } from "./iso-time.ts";

const BLOCK = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/g;
const MARK = /-----(BEGIN|END) X509 CRL-----/g;

/** The lists in `pem`, each in a text of its own, as TLS takes them. */
export function revocationListsIn(pem: string): readonly string[] {
  return pem.match(BLOCK) ?? [];
}

/**
 * The fault of the lists in `pem`, in words that follow the name of their file; undefined if there is none. Every authority in
 * `authorities` (PEM) must have one that holds at `now`, milliseconds since 1970; one of any time if that is undefined.
 */
export function revocationProblem(
  pem: string,
  { authorities, now }: { readonly authorities: string; readonly now: number | undefined },
): string | undefined {
  const blocks = revocationListsIn(pem);
  const marks = pem.match(MARK) ?? [];
  if (marks.length === 0) return "which holds no revocation list in PEM (X509 CRL)";
  if (marks.length !== 2 * blocks.length) return "which holds a revocation list that is cut off";
  const lists = blocks.map(readList);
  const broken = lists.indexOf(undefined);
  if (broken !== -1) return `in which list ${broken + 1} of ${lists.length} cannot be read`;
  for (const authority of certificatesIn(authorities)) {
    const own = lists.flatMap((list) => (list && isSignedBy(list, authority) ? [list] : []));
    const name = authority.subject.split("\n").join(", ");
    if (!maySignLists(authority)) {
      return `which cannot count: the certificate of ${name} is not for signing lists (key usage cRLSign)`;
    }
    if (own.length === 0) return `which holds no list that ${name} has signed`;
    const problem = now === undefined ? undefined : timeProblem(own, now);
    if (problem !== undefined) return `in which the list of ${name} ${problem}`;
  }
  return undefined;
}

/** OpenSSL refuses every certificate of an authority without a list that holds now. */
function timeProblem(lists: readonly x509.X509Crl[], now: number): string | undefined {
  const times = lists.map(({ thisUpdate, nextUpdate }) => {
    return { from: thisUpdate.getTime(), until: nextUpdate?.getTime() ?? Number.POSITIVE_INFINITY };
  });
  if (times.some(({ from, until }) => from <= now && now < until)) return undefined;
  const coming = times.filter(({ until }) => now < until).map(({ from }) => from);
  if (coming.length > 0) return `holds only from ${formatTime(Math.min(...coming))}`;
  return `held until ${formatTime(Math.max(...times.map(({ until }) => until)))}`;
}

/** Serial numbers of revoked certificates, of any authority. */
export class RevokedSerials {
  readonly #serials: ReadonlySet<string>;

  /** `lists`: as `revocationListsIn` gives them. */
  constructor(lists: readonly string[]) {
    this.#serials = new Set(lists.flatMap(entriesOf).map(({ serial }) => normal(serial)));
  }

  /** `serial`: hexadecimal digits of any certificate that was shown, a stranger's too, with a sign before a negative number. */
  has(serial: string): boolean {
    return this.#serials.has(normal(serial));
  }
}

/** The entries of one list, which must be readable. */
export function entriesOf(list: string): readonly Revocation[] {
  const { entries } = new x509.X509Crl(list);
  return entries.map(({ serialNumber, revocationDate }) => {
    return { serial: serialNumber, at: revocationDate.getTime() };
  });
}

/** Writers differ in capitals and leading zeros. */
function normal(serial: string): string {
  return serial.toLowerCase().replace(/^(-?)0+(?=.)/, "$1");
}

function readList(block: string): x509.X509Crl | undefined {
  try {
    const list = new x509.X509Crl(block);
    return list.entries.length >= 0 ? list : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 5280 section 6.3.3 (f). */
function maySignLists({ raw }: X509Certificate): boolean {
  const usages = new x509.X509Certificate(raw).getExtension(x509.KeyUsagesExtension)?.usages;
  return usages === undefined || (usages & x509.KeyUsageFlags.cRLSign) !== 0;
}

function isSignedBy(list: x509.X509Crl, { publicKey }: X509Certificate): boolean {
  const { signatureAlgorithm, signature } = list;
  const { name, hash } = signatureAlgorithm as {
    readonly name: string;
    readonly hash?: { readonly name: string };
  };
  const padding = name === "RSA-PSS" ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  try {
    const signed = signedPart(new Uint8Array(list.rawData));
    return verify(
      hash?.name ?? null,
      signed,
      { key: publicKey, ...padding },
      new Uint8Array(signature),
    );
  } catch {
    // A key of another kind than the signature's.
    return false;
  }
}

/** The first element of the outer sequence, with its head (ITU-T X.690 section 8.1). */
function signedPart(der: Uint8Array): Uint8Array {
  const outer = elementAt(der, 0);
  const inner = elementAt(der, outer.contentAt);
  return der.subarray(outer.contentAt, inner.end);
}

function elementAt(
  der: Uint8Array,
  at: number,
): { readonly contentAt: number; readonly end: number } {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { contentAt: at + 2, end: at + 2 + first };
  const digits = first & 0x7f;
  const bytes = der.subarray(at + 2, at + 2 + digits);
  const length = bytes.reduce((sum, byte) => 256 * sum + byte, 0);
  const contentAt = at + 2 + digits;
  return { contentAt, end: contentAt + length };
}
