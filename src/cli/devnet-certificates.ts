/**
 * TLS of a development network: an authority of its own, and a certificate of each node for its clients. The authority's
 * key never reaches the disk. So all of them are made together, and made anew together when they are over: the ledger, the
 * keys of the nodes and the path of the authority stay.
 */
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { chainProblem } from "../transport/certificate-chain.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../transport/development-certificates.ts";
import { CommandError } from "./command.ts";

export const AUTHORITY = "ca.pem";
export const CERTIFICATE = "tls-certificate.pem";
export const CERTIFICATE_KEY = "tls-key.pem";
const DAYS = 365;
/** They are made anew so long before they are over: a network may run for weeks. */
const SPARE_MS = 30 * 86_400_000;

/** Writes the authority last: until it is there, those that are over are found by it, and all are made again. */
export async function writeCertificates(
  network: string,
  nodes: readonly string[],
  now: number,
): Promise<void> {
  const authority = await createDevelopmentAuthority({ now, days: DAYS });
  for (const node of nodes) {
    const pair = await createListenerCertificate(authority, LOOPBACK_HOSTS, { now, days: DAYS });
    await writeFileDurably(join(network, node, CERTIFICATE_KEY), utf8(pair.key));
    const certificate = utf8(pair.certificate);
    await writeFileDurably(join(network, node, CERTIFICATE), certificate, PUBLIC_FILE_MODE);
  }
  await writeFileDurably(join(network, AUTHORITY), utf8(authority.certificate), PUBLIC_FILE_MODE);
}

/** True if the authority is over at `now` or soon, or not valid yet, as after a clock that was far ahead. */
export function areOver(network: string, now: number): boolean {
  const { validFromDate, validToDate } = readAuthority(join(network, AUTHORITY));
  return now < validFromDate.getTime() || now > validToDate.getTime() - SPARE_MS;
}

function readAuthority(path: string): X509Certificate {
  const pem = readTextBounded(path, LIMITS.files.certificatesBytesMax);
  const problem = chainProblem(pem);
  if (problem === undefined) return new X509Certificate(pem);
  throw new CommandError(
    `devnet: the network's authority is ${path}, ${problem}; put the right one back`,
  );
}
