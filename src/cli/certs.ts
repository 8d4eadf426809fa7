/** `countersign certs`: makes a development authority and one listener certificate, for experiments on loopback. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { utf8 } from "../primitives/bytes.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import type { CertificateAndKey } from "../transport/certificate-keys.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../transport/development-certificates.ts";
import { daysOf, readAuthority, writeAuthority } from "./authority-folder.ts";
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
    "For development. Writes an authority with its key, and a listener certificate with " +
    "its key for localhost, 127.0.0.1 and ::1. Existing files are kept. --renew makes a " +
    "new certificate and key for the listener under the existing authority: clients that " +
    "trust the authority need no change, and countersign node reload makes the node use " +
    "the new files. For other names, or for an authority whose key stays elsewhere, use " +
    "countersign certs init, issue, renew and inspect.",
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
      ? await readAuthority("certs", folder, { now })
      : await makeAuthority(folder, now);
    const days = Math.min(DAYS, daysOf(authority.certificate, now));
    const listener = await createListenerCertificate(authority, LOOPBACK_HOSTS, { now, days });
    await writeFileDurably(join(folder, FILES.key), utf8(listener.key));
    const certificate = utf8(listener.certificate);
    await writeFileDurably(join(folder, FILES.certificate), certificate, PUBLIC_FILE_MODE);
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
  const authority = await createDevelopmentAuthority({ now, days: AUTHORITY_DAYS });
  await writeAuthority(folder, authority, undefined);
  return authority;
}
