/** `countersign certs init`, `issue` and `renew`: a private authority, and the certificates that it signs. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { utf8 } from "../primitives/bytes.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { readPrivateFile } from "../storage/private-file.ts";
import {
  type CertificateTerms,
  createAuthority,
  issueCertificate,
  termsOf,
} from "../transport/certificate-authority.ts";
import { chainProblem } from "../transport/certificate-chain.ts";
import type { CertificateAndKey } from "../transport/certificate-keys.ts";
import { parseHostPort } from "../transport/http-grammar.ts";
import { parseWhole, usage } from "./arguments.ts";
import {
  AUTHORITY_FILES,
  daysOf,
  PASSPHRASE_OPTION,
  readAuthority,
  readCertificates,
  writeAuthority,
} from "./authority-folder.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";

const AUTHORITY_DAYS = "3650";
const DAYS = "365";
const DAYS_MAX = 36_500;
/** X.520: the longest common name. */
const NAME_LENGTH_MAX = 64;
const HOSTS_MAX = 64;

export const AUTHORITY_OPTION = {
  kind: "text",
  value: "DIR",
  summary: "folder of the authority, as certs init made it",
  fallback: "authority",
} as const;

export const certsInit = defineCommand({
  name: "certs init",
  example: "countersign certs init --out authority --name example-bank",
  details:
    "Writes ca.pem, which clients and nodes should trust, and ca-key.pem (mode 0600), " +
    "which signs certificates. Keep ca-key.pem where you issue certificates, never on a " +
    "node; give away only ca.pem.",
  operands: [],
  options: {
    out: { kind: "text", value: "DIR", summary: "folder to write to", fallback: "authority" },
    name: {
      kind: "text",
      value: "NAME",
      summary: "the authority's name",
      fallback: "Countersign authority",
    },
    days: { kind: "text", value: "N", summary: "how long it is valid", fallback: AUTHORITY_DAYS },
    "passphrase-file": PASSPHRASE_OPTION,
  },
  run: async ({ values }, terminal) => {
    const command = "certs init";
    const folder = resolve(values.out);
    const name = readName(command, "--name", values.name);
    const days = readDays(command, values.days);
    refuseExisting(
      command,
      folder,
      Object.values(AUTHORITY_FILES),
      "give --out for another folder",
    );
    const authority = await createAuthority(name, { now: Date.now(), days });
    await writeAuthority(folder, authority, values["passphrase-file"]);
    terminal.answer({
      value: {
        folder,
        files: AUTHORITY_FILES,
        days,
        encrypted: values["passphrase-file"] !== undefined,
      },
      text: `Written to ${folder}: ca.pem, for all who are to trust it, and ca-key.pem, for you alone; valid for ${days} days.`,
    });
    return EXIT.ok;
  },
});

export const certsIssue = defineCommand({
  name: "certs issue",
  example: "countersign certs issue --hosts node1.example.org,192.0.2.7 --out node1",
  details:
    "With --hosts, writes tls-certificate.pem and tls-key.pem for a listener with these " +
    "names and addresses. With --client, writes client-certificate.pem and " +
    "client-key.pem, by which a client proves by TLS that it is NAME. Keys have mode " +
    "0600.",
  operands: [],
  options: {
    hosts: { kind: "text", value: "LIST", summary: "names and addresses, separated by commas" },
    client: { kind: "text", value: "NAME", summary: "the client's name" },
    authority: AUTHORITY_OPTION,
    out: { kind: "text", value: "DIR", summary: "folder to write to", fallback: "." },
    days: { kind: "text", value: "N", summary: "how long it is valid", fallback: DAYS },
    "passphrase-file": PASSPHRASE_OPTION,
  },
  run: async ({ values }, terminal) => {
    const command = "certs issue";
    const terms = readTerms(command, values);
    const days = readDays(command, values.days);
    const folder = resolve(values.out);
    const files = filesOf(terms.uses.includes("client") ? "client" : "tls");
    const remedy = "renew it by certs renew, or give --out for another folder";
    refuseExisting(command, folder, Object.values(files), remedy);
    const now = Date.now();
    const passphraseFile = values["passphrase-file"];
    const authority = await readAuthority(command, values.authority, { now, passphraseFile });
    const validity = { now, days: Math.min(days, daysOf(authority.certificate, now)) };
    const issued = await issueCertificate(authority, { ...terms, validity });
    await makeFolder(folder);
    await writePair(
      { certificate: join(folder, files.certificate), key: join(folder, files.key) },
      issued,
    );
    terminal.answer({
      value: { folder, files, ...terms, days: validity.days },
      text: `Written to ${folder}: ${files.certificate} and ${files.key}, valid for ${validity.days} days.`,
    });
    return EXIT.ok;
  },
});

export const certsRenew = defineCommand({
  name: "certs renew",
  example: "countersign certs renew node1/tls-certificate.pem",
  details:
    "Replaces the certificate by one with the same name, hosts, use and key, atomically. " +
    "--new-key also makes a new key, and replaces that file first. Afterwards run " +
    "countersign node reload.",
  operands: [{ name: "CERTIFICATE", summary: "a certificate that certs issue wrote" }],
  options: {
    key: {
      kind: "text",
      value: "FILE",
      summary: "its key (default: the file beside it with key in its name)",
    },
    "new-key": { kind: "flag", summary: "make a new key too" },
    authority: AUTHORITY_OPTION,
    days: { kind: "text", value: "N", summary: "how long it is valid", fallback: DAYS },
    "passphrase-file": PASSPHRASE_OPTION,
  },
  run: async ({ values, operands }, terminal) => {
    const command = "certs renew";
    const [given = ""] = operands;
    const days = readDays(command, values.days);
    const files = { certificate: resolve(given), key: keyFileOf(command, given, values.key) };
    const old = readCertificate(command, files.certificate);
    const now = Date.now();
    const passphraseFile = values["passphrase-file"];
    const authority = await readAuthority(command, values.authority, { now, passphraseFile });
    requireIssued(
      command,
      { file: files.certificate, pem: old },
      { ...authority, folder: values.authority },
    );
    const terms = termsOf(old);
    if (terms === undefined) {
      throw new CommandError(
        `${command}: ${files.certificate} is for no server and no client; issue one by certs issue`,
      );
    }
    const validity = { now, days: Math.min(days, daysOf(authority.certificate, now)) };
    const key = values["new-key"] ? undefined : await readKey(command, files.key, old);
    const issued = await issueCertificate(authority, { ...terms, validity, key });
    if (key === undefined) await writePair(files, issued);
    else await writeFileDurably(files.certificate, utf8(issued.certificate), PUBLIC_FILE_MODE);
    terminal.answer({
      value: {
        certificate: files.certificate,
        ...terms,
        days: validity.days,
        newKey: key === undefined,
      },
      text: `Renewed ${files.certificate}${key === undefined ? ` and ${files.key}` : ""}, valid for ${validity.days} days.`,
    });
    return EXIT.ok;
  },
});

function filesOf(kind: "tls" | "client") {
  return { certificate: `${kind}-certificate.pem`, key: `${kind}-key.pem` };
}

async function writePair(
  files: { readonly certificate: string; readonly key: string },
  { certificate, key }: CertificateAndKey,
): Promise<void> {
  await writeFileDurably(files.key, utf8(key));
  await writeFileDurably(files.certificate, utf8(certificate), PUBLIC_FILE_MODE);
}

function readTerms(
  command: string,
  { hosts, client }: { readonly hosts: string | undefined; readonly client: string | undefined },
): Omit<CertificateTerms, "validity"> {
  if ((hosts === undefined) === (client === undefined)) {
    throw usage(`${command}: give --hosts for a listener, or --client for a client`);
  }
  if (client !== undefined) {
    return { commonName: readName(command, "--client", client), hosts: [], uses: ["client"] };
  }
  const list = (hosts ?? "").split(",").map((host) => readHost(command, host.trim()));
  if (list.length > HOSTS_MAX) throw usage(`${command}: --hosts has more than ${HOSTS_MAX} names`);
  // Readers look at the names of the extension; the common name is for people, and has less room.
  const [first = ""] = list;
  return { commonName: first.slice(0, NAME_LENGTH_MAX), hosts: list, uses: ["server"] };
}

function readHost(command: string, host: string): string {
  const bare = host.replace(/^\*\./, "").replace(/^\[|\]$/g, "");
  const read = parseHostPort(bare.includes(":") ? `[${bare}]` : bare);
  if (read !== undefined && read.port === undefined)
    return host.replace(/^\[|\]$/g, "").toLowerCase();
  throw usage(
    `${command}: --hosts has "${host}", but must hold names such as node1.example.org and addresses such as 192.0.2.7`,
  );
}

function readName(command: string, option: string, name: string): string {
  if (/^[\x20-\x7e]+$/.test(name) && name.trim() === name && name.length <= NAME_LENGTH_MAX)
    return name;
  throw usage(
    `${command}: ${option} is "${name}", but must be 1 to ${NAME_LENGTH_MAX} printable ASCII characters, without a space at its ends`,
  );
}

export function readDays(command: string, text: string): number {
  return parseWhole(text, { what: `${command}: --days`, min: 1, max: DAYS_MAX });
}

function refuseExisting(
  command: string,
  folder: string,
  names: readonly string[],
  remedy: string,
): void {
  const existing = names.find((name) => existsSync(join(folder, name)));
  if (existing === undefined) return;
  throw new CommandError(`${command}: ${join(folder, existing)} exists; ${remedy}`);
}

function keyFileOf(command: string, certificate: string, key: string | undefined): string {
  if (key !== undefined) return resolve(key);
  const name = basename(certificate);
  if (name.includes("certificate")) {
    return resolve(dirname(certificate), name.replace("certificate", "key"));
  }
  throw usage(`${command}: the key of ${certificate} is not known; name it by --key FILE`);
}

/** Throws if the authority did not sign the certificate. */
export function requireIssued(
  command: string,
  { file, pem }: { readonly file: string; readonly pem: string },
  authority: { readonly certificate: string; readonly folder: string },
): void {
  const { publicKey } = new X509Certificate(authority.certificate);
  if (new X509Certificate(pem).verify(publicKey)) return;
  throw new CommandError(
    `${command}: ${file} was not issued by the authority in ${authority.folder}; name the right one by --authority`,
  );
}

export function readCertificate(command: string, file: string): string {
  const pem = readCertificates(command, file);
  const problem = chainProblem(pem);
  if (problem === undefined) return pem;
  throw new CommandError(`${command}: name a certificate, not ${file}, ${problem}`);
}

/** The key of the certificate, in PKCS #8. */
async function readKey(command: string, file: string, certificate: string): Promise<string> {
  const pem = new TextDecoder().decode(await readPrivateFile(file));
  try {
    const key = createPrivateKey(pem);
    const isFit = key.asymmetricKeyDetails?.namedCurve === "prime256v1";
    if (isFit && new X509Certificate(certificate).checkPrivateKey(key)) {
      return key.export({ type: "pkcs8", format: "pem" }).toString();
    }
  } catch {
    // Nothing of a key's file may reach a message.
  }
  throw new CommandError(
    `${command}: ${file} is not the key of that certificate on P-256; name it by --key, or draw a new one by --new-key`,
  );
}
