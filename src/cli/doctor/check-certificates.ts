/** Checks of `countersign doctor`: the client listener's certificate, its chain and key, and the files of client certificates. */
import { createPrivateKey, type X509Certificate } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { codeOf, readClientAuthority } from "../../node/files/client-tls.ts";
import type { NodeConfig } from "../../node/files/config.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { parseNetworkAddress } from "../../primitives/network-address.ts";
import { readTextBounded } from "../../storage/bounded-file.ts";
import { certificatesIn, chainProblem } from "../../transport/certificate-chain.ts";
import { formatTime } from "../../transport/iso-time.ts";
import { type NodeFolder, problemOf } from "./check-folder.ts";
import type { Examination } from "./examination.ts";
import type { Machine } from "./machine.ts";

const OTHERS = 0o077;
const DAY_MS = 86_400_000;
/** As in src/node/operator/own-certificates.ts, which warns in the log. */
const NOTICE_MS = 30 * DAY_MS;

/** The certificate that the file holds; undefined if there is none that can be read. */
export function checkCertificates(
  { config, self }: NodeFolder,
  machine: Pick<Machine, "wall">,
  examination: Examination,
): X509Certificate | undefined {
  const chain = readChain(config, examination);
  checkKey(config, chain[0], examination);
  checkAccess(config, machine.wall(), examination);
  const [own] = chain;
  if (own === undefined) return undefined;
  checkLinks(config.clientCertificateFile, chain, examination);
  checkDates(config.clientCertificateFile, chain, { examination, now: machine.wall() });
  if (self !== undefined) checkName(config, own, { examination, address: self.clientAddress });
  return own;
}

function readChain(config: NodeConfig, examination: Examination): readonly X509Certificate[] {
  examination.checked();
  const pem = read(config, "clientCertificate", config.clientCertificateFile, examination);
  if (pem === undefined) return [];
  const problem = chainProblem(pem);
  if (problem === undefined) return certificatesIn(pem);
  const what = `"clientCertificate" is ${config.clientCertificateFile}, ${problem}`;
  examination.found("CERTIFICATE_INVALID", what, config.clientCertificateFile);
  return [];
}

function read(
  { file }: NodeConfig,
  key: "clientCertificate" | "clientKey",
  path: string,
  examination: Examination,
): string | undefined {
  if (!existsSync(path)) {
    const what = `${file}: "${key}" names nothing that is there`;
    examination.found("CERTIFICATE_INVALID", what);
    return undefined;
  }
  try {
    return readTextBounded(path, LIMITS.files.certificatesBytesMax);
  } catch (error) {
    const what = `"${key}" is ${path}, which cannot be read (${codeOf(error)})`;
    examination.found("CERTIFICATE_INVALID", what, path);
    return undefined;
  }
}

function checkKey(
  config: NodeConfig,
  own: X509Certificate | undefined,
  examination: Examination,
): void {
  examination.checked();
  const path = config.clientKeyFile;
  const pem = read(config, "clientKey", path, examination);
  if (pem === undefined) return;
  const mode = statSync(path).mode & 0o777;
  if ((mode & OTHERS) !== 0) {
    const what = `${path} has mode ${mode.toString(8).padStart(4, "0")}`;
    examination.found("CERTIFICATE_KEY_EXPOSED", what, path);
  }
  const isOwn = isKeyOf(own, pem);
  if (isOwn === undefined) {
    examination.found("CERTIFICATE_INVALID", `"clientKey" is ${path}, which holds no key in PEM`);
  } else if (!isOwn) {
    const what = `${path} is not the key of ${config.clientCertificateFile}`;
    examination.found("CERTIFICATE_KEY_FOREIGN", what, path);
  }
}

/** Undefined if it is no key; true if there is no certificate to compare it with. */
function isKeyOf(own: X509Certificate | undefined, pem: string): boolean | undefined {
  try {
    const key = createPrivateKey(pem);
    return own === undefined || own.checkPrivateKey(key);
  } catch {
    return undefined;
  }
}

function checkLinks(
  file: string,
  chain: readonly X509Certificate[],
  examination: Examination,
): void {
  examination.checked();
  for (const [place, one] of chain.entries()) {
    const issuer = chain[place + 1];
    if (issuer === undefined) return;
    if (one.checkIssued(issuer) && one.verify(issuer.publicKey)) continue;
    const what = `certificate ${place + 2} of ${chain.length} in ${file} did not issue the one before it`;
    examination.found("CERTIFICATE_CHAIN", what, file);
    return;
  }
}

function checkDates(
  file: string,
  chain: readonly X509Certificate[],
  { examination, now }: { readonly examination: Examination; readonly now: number },
): void {
  examination.checked();
  const from = Math.max(...chain.map(({ validFromDate }) => validFromDate.getTime()));
  const until = Math.min(...chain.map(({ validToDate }) => validToDate.getTime()));
  if (now < from) {
    const what = `${file} is valid from ${formatTime(from)} on, and this machine shows ${formatTime(now)}`;
    examination.found("CERTIFICATE_NOT_YET_VALID", what, file);
  } else if (now > until) {
    const what = `${file} expired at ${formatTime(until)}, ${daysBetween(until, now)} days ago`;
    examination.found("CERTIFICATE_EXPIRED", what, file);
  } else if (until - now < NOTICE_MS) {
    const what = `${file} expires at ${formatTime(until)}, in ${daysBetween(now, until)} days`;
    examination.found("CERTIFICATE_EXPIRES", what, file);
  }
}

function daysBetween(from: number, to: number): number {
  return Math.floor((to - from) / DAY_MS);
}

function checkName(
  { clientCertificateFile: file }: NodeConfig,
  own: X509Certificate,
  { examination, address }: { readonly examination: Examination; readonly address: string },
): void {
  examination.checked();
  const host = parseNetworkAddress(address)?.host ?? "";
  const isNamed = isIP(host) === 0 ? own.checkHost(host) : own.checkIP(host);
  if (isNamed !== undefined) return;
  const names = own.subjectAltName ?? "no name";
  const what = `${file} names ${names}, and the genesis announces ${host} to clients`;
  examination.found("CERTIFICATE_NAME", what, file);
}

function checkAccess(config: NodeConfig, now: number, examination: Examination): void {
  const authorityFile = config.access?.clientAuthorityFile;
  if (authorityFile === undefined) return;
  examination.checked();
  try {
    const { clientAuthority = "" } = readClientAuthority(config, now);
    const until = certificatesIn(clientAuthority).map(({ validToDate }) => validToDate.getTime());
    const last = Math.max(...until);
    if (now <= last) return;
    const what = `"access.clientAuthority" is ${authorityFile}, which expired at ${formatTime(last)}`;
    examination.found("ACCESS_INVALID", what, authorityFile);
  } catch (error) {
    examination.found("ACCESS_INVALID", problemOf(error), authorityFile);
  }
}
