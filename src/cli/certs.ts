/** `countersign certs`: a development authority and one listener certificate, for trying things out on loopback. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../transport/development-certificates.ts";
import { type Command, CommandError, EXIT } from "./command.ts";

const DAYS = 365;
const FILES = { ca: "ca.pem", certificate: "tls-certificate.pem", key: "tls-key.pem" } as const;

export const certs: Command = {
  name: "certs",
  synopsis: "[--out DIR]",
  summary:
    "Writes a development authority's certificate, and a listener certificate and key for localhost, 127.0.0.1 and " +
    "::1, to DIR (certs). Existing files are kept. The authority's key is not kept.",
  run: async (args) => {
    const folder = resolve(outFolder(args));
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
    console.log(
      `Written to ${folder}: ${Object.values(FILES).join(", ")}; valid for ${DAYS} days.`,
    );
    return EXIT.ok;
  },
};

function outFolder(args: readonly string[]): string {
  try {
    const { values } = parseArgs({ args: [...args], options: { out: { type: "string" } } });
    return values.out ?? "certs";
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`certs: ${why}`, EXIT.usage);
  }
}
