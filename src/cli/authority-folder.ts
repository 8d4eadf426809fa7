/** The folder of a private authority: its certificate, for everyone, and its key, which stays with its owner. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { loadPassphrase } from "../storage/passphrase.ts";
import { readPrivateFile } from "../storage/private-file.ts";
import { chainProblem } from "../transport/certificate-chain.ts";
import type { CertificateAndKey } from "../transport/certificate-keys.ts";
import { CommandError } from "./command.ts";

export const AUTHORITY_FILES = { certificate: "ca.pem", key: "ca-key.pem" } as const;

const DAY_MS = 86_400_000;
const CIPHER = "aes-256-cbc";

export const PASSPHRASE_OPTION = {
  kind: "text",
  value: "FILE",
  summary:
    "file of mode 0600 with the passphrase of the authority's key (default: the key is not encrypted)",
} as const;

/** The key's file is encrypted if a passphrase is given; its mode is 0600 in any case. */
export async function writeAuthority(
  folder: string,
  authority: CertificateAndKey,
  passphraseFile: string | undefined,
): Promise<void> {
  await makeFolder(folder);
  const key = await encrypted(authority.key, passphraseFile);
  await writeFileDurably(join(folder, AUTHORITY_FILES.key), utf8(key));
  const certificate = utf8(authority.certificate);
  await writeFileDurably(join(folder, AUTHORITY_FILES.certificate), certificate, PUBLIC_FILE_MODE);
}

/** The authority, with its key in clear. Its certificate is valid, and the key is its own. */
export async function readAuthority(
  command: string,
  folder: string,
  { now, passphraseFile }: { readonly now: number; readonly passphraseFile?: string | undefined },
): Promise<CertificateAndKey> {
  const caFile = join(folder, AUTHORITY_FILES.certificate);
  const keyFile = join(folder, AUTHORITY_FILES.key);
  if (!existsSync(caFile) || !existsSync(keyFile)) {
    const missing = existsSync(caFile) ? keyFile : caFile;
    throw new CommandError(
      `${command}: ${missing} is missing, and without it nothing can be issued, renewed or revoked; put it back, or make ` +
        "a new authority by --out for another folder, and give its ca.pem to the clients",
    );
  }
  const certificate = readCertificates(command, caFile);
  const problem = chainProblem(certificate);
  if (problem !== undefined) {
    throw new CommandError(`${command}: the authority is ${caFile}, ${problem}`);
  }
  if (daysOf(certificate, now) <= 0) {
    throw new CommandError(
      `${command}: the authority ${caFile} has expired; make a new one by --out for another folder, and give it to the clients`,
    );
  }
  const key = await decrypted(command, keyFile, passphraseFile);
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new CommandError(
      `${command}: ${keyFile} is not the key of ${caFile}; put the right one back`,
    );
  }
  return { certificate, key };
}

/** The text of a file of certificates. */
export function readCertificates(command: string, file: string): string {
  try {
    return readTextBounded(file, LIMITS.files.certificatesBytesMax);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `${command}: ${file} cannot be read (${why}); name a certificate in PEM`,
    );
  }
}

/** Whole days that are left to a certificate, rounded down. */
export function daysOf(certificate: string, now: number): number {
  return Math.floor((new X509Certificate(certificate).validToDate.getTime() - now) / DAY_MS);
}

async function encrypted(pem: string, passphraseFile: string | undefined): Promise<string> {
  if (passphraseFile === undefined) return pem;
  const passphrase = await loadPassphrase(passphraseFile, { isNew: true });
  const form = { type: "pkcs8", format: "pem", cipher: CIPHER } as const;
  const text = createPrivateKey(pem).export({ ...form, passphrase: Buffer.from(passphrase) });
  passphrase.fill(0);
  return text.toString();
}

/** PKCS #8 in clear. */
async function decrypted(
  command: string,
  file: string,
  passphraseFile: string | undefined,
): Promise<string> {
  const pem = new TextDecoder().decode(await readPrivateFile(file));
  const isEncrypted = pem.includes("ENCRYPTED");
  if (isEncrypted && passphraseFile === undefined) {
    throw new CommandError(
      `${command}: ${file} is encrypted; name the file of its passphrase by --passphrase-file`,
    );
  }
  const passphrase: Bytes = isEncrypted
    ? await loadPassphrase(passphraseFile ?? "")
    : new Uint8Array();
  try {
    const key = createPrivateKey({ key: pem, passphrase: Buffer.from(passphrase) });
    return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    // Nothing of a key's file may reach a message.
    const why = isEncrypted ? "cannot be opened by that passphrase" : "holds no private key in PEM";
    throw new CommandError(`${command}: ${file} ${why}; put the right file back, or name it`);
  } finally {
    passphrase.fill(0);
  }
}
