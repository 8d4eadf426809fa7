/** Reads the TLS certificate and key of the client listener, and tries them together before any port is opened. */
import { closeSync, fstatSync, openSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { errorCode } from "../../primitives/error-code.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { FileTooLarge, readDescriptor, readTextBounded } from "../../storage/bounded-file.ts";
import { chainProblem } from "../../transport/certificate-chain.ts";
import { revocationProblem } from "../../transport/revocation-list.ts";
import { ConfigError, type NodeConfig } from "./config.ts";
import { refuseAbsent } from "./named-file.ts";

type ClientTlsConfig = Pick<NodeConfig, "file" | "clientCertificateFile" | "clientKeyFile">;

/** Permission bits of group and others; a key file must have none of them. */
const OTHERS = 0o077;

/**
 * Throws ConfigError for a file that cannot be read or is not PEM, and for a key that does not fit the certificate or
 * that others may read.
 */
export function readClientTls(config: ClientTlsConfig): {
  readonly certificate: string;
  readonly key: string;
} {
  const { file, clientCertificateFile, clientKeyFile } = config;
  refuseAbsent(file, "clientCertificate", clientCertificateFile);
  refuseAbsent(file, "clientKey", clientKeyFile);
  const certificate = read(file, "clientCertificate", clientCertificateFile);
  const { text: key, mode } = readKey(file, clientKeyFile);
  refuseExposed(file, clientKeyFile, mode);
  const problem = chainProblem(certificate);
  if (problem !== undefined) {
    throw new ConfigError(
      `${file}: "clientCertificate" is ${clientCertificateFile}, ${problem}; ${REMEDY}`,
    );
  }
  if (key.trim() === "") {
    throw new ConfigError(`${file}: "clientKey" is ${clientKeyFile}, which is empty; ${REMEDY}`);
  }
  attempt(`${file}: "clientCertificate" is ${clientCertificateFile}, which is no certificate`, () =>
    createSecureContext({ cert: certificate }),
  );
  attempt(`${file}: "clientKey" is ${clientKeyFile}, which is not that certificate's key`, () =>
    createSecureContext({ cert: certificate, key }),
  );
  return { certificate, key };
}

/** An authority whose client certificates are accepted, and what it has revoked of them. */
export interface ClientAuthority {
  /** PEM. */
  readonly clientAuthority: string | undefined;
  /** PEM of its lists (CRL). */
  readonly clientRevocations: string | undefined;
}

/** `now`: milliseconds since 1970. Throws ConfigError. */
export function readClientAuthority(
  { file, access }: Pick<NodeConfig, "file" | "access">,
  now: number,
): ClientAuthority {
  const path = access?.clientAuthorityFile;
  if (path === undefined) return { clientAuthority: undefined, clientRevocations: undefined };
  const clientAuthority = readAuthority(file, "access.clientAuthority", path);
  const lists = access?.clientRevocationsFile;
  if (lists === undefined) return { clientAuthority, clientRevocations: undefined };
  const clientRevocations = readRevocations(file, lists, { authorities: clientAuthority, now });
  return { clientAuthority, clientRevocations };
}

function readRevocations(
  file: string,
  path: string,
  held: { readonly authorities: string; readonly now: number },
): string {
  const name = "access.clientRevocations";
  refuseAbsent(file, name, path);
  const lists = readable(file, name, path, () =>
    readTextBounded(path, LIMITS.files.revocationsBytesMax),
  );
  const problem = revocationProblem(lists, held);
  if (problem === undefined) return lists;
  throw new ConfigError(
    `${file}: "${name}" is ${path}, ${problem}; name a list of the authority in "access.clientAuthority", as countersign certs revoke writes it`,
  );
}

/** PEM of the authority that the key `name` of the configuration `file` names. Throws ConfigError. */
export function readAuthority(file: string, name: string, path: string): string {
  refuseAbsent(file, name, path);
  const authority = read(file, name, path);
  const problem = chainProblem(authority);
  if (problem === undefined) {
    attempt(`${file}: "${name}" is ${path}, which is no certificate`, () =>
      createSecureContext({ ca: authority }),
    );
    return authority;
  }
  throw new ConfigError(
    `${file}: "${name}" is ${path}, ${problem}; name the certificate of the authority, in PEM`,
  );
}

function refuseExposed(file: string, path: string, mode: number): void {
  if ((mode & OTHERS) === 0) return;
  throw new ConfigError(
    `${file}: "clientKey" is ${path}, which others may read (mode 0${mode.toString(8)}); make it its owner's alone ` +
      "(chmod 600), and use a new key if someone may have read this one",
  );
}

function attempt(problem: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    throw new ConfigError(`${problem} in PEM (${codeOf(error)}); ${REMEDY}`);
  }
}

function read(file: string, name: string, path: string): string {
  return readable(file, name, path, () => readTextBounded(path, LIMITS.files.certificatesBytesMax));
}

/** The mode is that of the file that was read, even if another takes its path meanwhile. */
function readKey(file: string, path: string): { readonly text: string; readonly mode: number } {
  return readable(file, "clientKey", path, () => {
    const descriptor = openSync(path, "r");
    try {
      const mode = fstatSync(descriptor).mode & 0o777;
      const bytes = readDescriptor(descriptor, LIMITS.files.certificatesBytesMax);
      return { text: Buffer.from(bytes).toString("utf8"), mode };
    } finally {
      closeSync(descriptor);
    }
  });
}

function readable<Content>(file: string, name: string, path: string, use: () => Content): Content {
  try {
    return use();
  } catch (error) {
    throw new ConfigError(
      `${file}: "${name}" is ${path}, which cannot be read (${codeOf(error)}); ${REMEDY}`,
    );
  }
}

const REMEDY = "name the right file, or make a pair for development by countersign certs";

/** Only the error code, or the bound: no part of a key file may reach a message. */
export function codeOf(error: unknown): string {
  if (error instanceof FileTooLarge) return error.message;
  const code = errorCode(error);
  return typeof code === "string" ? code : "unreadable";
}
