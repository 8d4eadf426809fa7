/** `countersign certs`: a development authority and one listener certificate, for trying things out on loopback. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../transport/development-certificates.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";

const DAYS = 365;
const FILES = { ca: "ca.pem", certificate: "tls-certificate.pem", key: "tls-key.pem" } as const;

export const certs = defineCommand({
  name: "certs",
  example: "countersign certs --out node1",
  details:
    "For development. Writes the authority's certificate, and a listener certificate and key for localhost, " +
    "127.0.0.1 and ::1. Existing files are kept. The authority's key is not kept.",
  operands: [],
  options: {
    out: { kind: "text", value: "DIR", summary: "folder to write to", fallback: "certs" },
  },
  run: async ({ values }, terminal) => {
    const folder = resolve(values.out);
    const existing = Object.values(FILES).find((name) => existsSync(join(folder, name)));
    if (existing !== undefined) {
      throw new CommandError(
        `certs: ${join(folder, existing)} exists; remove it, or give --out for another folder`,
      );
    }
    const validity = { now: Date.now(), days: DAYS };
    const authority = await createDevelopmentAuthority(validity);
    const listener = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, FILES.ca), authority.certificate);
    writeFileSync(join(folder, FILES.certificate), listener.certificate);
    writeFileSync(join(folder, FILES.key), listener.key, { mode: 0o600 });
    terminal.answer({
      value: { folder, files: FILES, days: DAYS },
      text: `Written to ${folder}: ${Object.values(FILES).join(", ")}; valid for ${DAYS} days.`,
    });
    return EXIT.ok;
  },
});
