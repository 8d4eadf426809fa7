/**
 * The certificates that a node shows to its callers: the time left is in the status and, from 30 days before the
 * expiry on, daily in the log.
 */
import { X509Certificate } from "node:crypto";
import { chainEndsAt } from "../../transport/certificate-chain.ts";
import type { CertificateAndKey } from "../../transport/certificate-keys.ts";
import { formatTime } from "../../transport/iso-time.ts";
import type { CertificateInfo } from "../../transport/operator-api.ts";
import { sha256 } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { NodeConfig } from "../files/config.ts";

const DAY_MS = 86_400_000;
/** A renewal needs people, who may be away. */
const NOTICE_DAYS = 30;

/** A certificate as its file holds it. */
export interface CertificateFile {
  /** Key of the configuration that names the file. */
  readonly configKey: string;
  readonly file: string;
  /** PEM, with its chain. */
  readonly pem: string;
}

/** The certificate for clients, which the configuration names. */
export function certificateFileOf(
  { clientCertificateFile: file }: NodeConfig,
  { certificate: pem }: CertificateAndKey,
): CertificateFile {
  return { configKey: "clientCertificate", file, pem };
}

type Shown = Omit<CertificateInfo, "daysLeft">;

export class OwnCertificates {
  readonly #system: Pick<System, "wall" | "after">;
  readonly #log: Log;
  #shown: readonly Shown[];
  #cancel: (() => void) | undefined;

  constructor(
    files: readonly CertificateFile[],
    parts: { readonly system: Pick<System, "wall" | "after">; readonly log: Log },
  ) {
    this.#system = parts.system;
    this.#log = parts.log;
    this.#shown = files.map(read);
  }

  /** The time at which the first of them expires, milliseconds since 1970. */
  get endsAt(): number {
    return Math.min(...this.#shown.map(({ notAfter }) => notAfter));
  }

  list(): readonly CertificateInfo[] {
    const now = this.#system.wall();
    return this.#shown.map((one) => ({ ...one, daysLeft: daysLeft(one.notAfter, now) }));
  }

  /** Sets the certificates shown from now on. */
  replace(files: readonly CertificateFile[]): void {
    this.#shown = files.map(read);
    this.#tell();
  }

  start(): void {
    this.#tell();
    this.#cancel = this.#system.after(DAY_MS, () => this.start());
  }

  stop(): void {
    this.#cancel?.();
  }

  #tell(): void {
    for (const { configKey, file, notAfter, daysLeft: days } of this.list()) {
      if (days > NOTICE_DAYS) continue;
      const fields = { configKey, file, daysLeft: days, notAfter: formatTime(notAfter) };
      if (days < 0) this.#log.error(fields, "a certificate has expired: renew it, and reload");
      else this.#log.warn(fields, "a certificate expires soon: renew it, and reload");
    }
  }
}

/** Whole days, rounded down: 0 on the last day, negative from the first moment after it. */
export function daysLeft(notAfter: number, now: number): number {
  return Math.floor((notAfter - now) / DAY_MS);
}

function read({ configKey, file, pem }: CertificateFile): Shown {
  const { subject, issuer, subjectAltName = "", raw } = new X509Certificate(pem);
  return {
    configKey,
    file,
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    names: subjectAltName === "" ? [] : subjectAltName.split(", "),
    notAfter: chainEndsAt(pem),
    sha256: sha256(raw),
  };
}

/** Node puts each attribute on a line of its own. */
function oneLine(name: string): string {
  return name.split("\n").reverse().join(",");
}
