/** `countersign certs`: makes a development authority and one listener certificate, for experiments on loopback. */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { readPrivateFile } from "../storage/private-file.ts";
import { chainProblem } from "../transport/certificate-chain.ts";
import type { CertificateAndKey } from "../transport/certificate-keys.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../transport/development-certificates.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";

const DAYS = 365;
/** The authority outlives its certificates, so that it can renew them. */
const AUTHORITY_DAYS = 10 * DAYS;
const FILES = {
  ca: "ca.pem",
  caKey: "ca-key.pem",
  certificate: "tls-certificate.pem",
  key: "tls-key.pem",
} as const;

export const certs = defineCommand({
  name: "certs",
  example: "countersign certs --out node1",
  details:
    "For development. Writes an authority and its key, and a listener certificate and key for localhost, 127.0.0.1 and ::1. " +
    "Existing files are kept. With --renew the listener's pair is made anew under the authority that is there: clients " +
    "that trust it go on, and the node takes the new pair at its next start.",
  operands: [],
  options: {
    out: { kind: "text", value: "DIR", summary: "folder to write to", fallback: "certs" },
    renew: {
      kind: "flag",
      summary: "replace the listener's certificate and key, not the authority",
    },
  },
  run: async ({ values }, terminal) => {
    const folder = resolve(values.out);
    const now = Date.now();
    const authority = values.renew
      ? await readAuthority(folder, now)
      : await makeAuthority(folder, now);
    const left = Date.parse(new X509Certificate(authority.certificate).validTo) - now;
    const days = Math.min(DAYS, Math.floor(left / 86_400_000));
    const listener = await createListenerCertificate(authority, LOOPBACK_HOSTS, { now, days });
    if (!isIssuedBy(listener.certificate, authority.certificate)) {
      throw new CommandError(
        `certs: ${join(folder, FILES.caKey)} is not the key of ${join(folder, FILES.ca)}; put the right one back`,
      );
    }
    await write(folder, FILES.key, listener.key);
    await write(folder, FILES.certificate, listener.certificate, PUBLIC_FILE_MODE);
    const written = values.renew ? [FILES.certificate, FILES.key] : Object.values(FILES);
    terminal.answer({
      value: { folder, files: FILES, days },
      text: `Written to ${folder}: ${written.join(", ")}; the certificate is valid for ${days} days.`,
    });
    return EXIT.ok;
  },
});

async function makeAuthority(folder: string, now: number): Promise<CertificateAndKey> {
  const existing = Object.values(FILES).find((name) => existsSync(join(folder, name)));
  if (existing !== undefined) {
    throw new CommandError(
      `certs: ${join(folder, existing)} exists; say --renew for a new certificate of the same authority, or give --out for ` +
        "another folder",
    );
  }
  await makeFolder(folder);
  const authority = await createDevelopmentAuthority({ now, days: AUTHORITY_DAYS });
  await write(folder, FILES.caKey, authority.key);
  await write(folder, FILES.ca, authority.certificate, PUBLIC_FILE_MODE);
  return authority;
}

async function readAuthority(folder: string, now: number): Promise<CertificateAndKey> {
  const [caFile, keyFile] = [join(folder, FILES.ca), join(folder, FILES.caKey)];
  if (!existsSync(caFile) || !existsSync(keyFile)) {
    const missing = existsSync(caFile) ? keyFile : caFile;
    throw new CommandError(
      `certs: ${missing} is missing, and without it nothing can be renewed; put it back, or make a new authority by ` +
        "--out for another folder, and give its ca.pem to the clients",
    );
  }
  const certificate = readAuthorityFile(caFile);
  const problem = chainProblem(certificate);
  if (problem !== undefined)
    throw new CommandError(`certs: the authority is ${caFile}, ${problem}`);
  if (Date.parse(new X509Certificate(certificate).validTo) <= now) {
    throw new CommandError(
      `certs: the authority ${caFile} has expired; make a new one by --out for another folder, and give it to the clients`,
    );
  }
  return { certificate, key: new TextDecoder().decode(await readPrivateFile(keyFile)) };
}

function readAuthorityFile(path: string): string {
  try {
    return readTextBounded(path, LIMITS.files.certificatesBytesMax);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`certs: the authority ${path} cannot be read (${why}); put it back`);
  }
}

function isIssuedBy(certificate: string, authority: string): boolean {
  return new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);
}

async function write(folder: string, name: string, text: string, mode?: number): Promise<void> {
  await writeFileDurably(join(folder, name), utf8(text), mode);
}
