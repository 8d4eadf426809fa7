/**
 * The places from which a passphrase can come, written as one text wherever a command or a configuration takes one: a path,
 * `fd:N`, `env:NAME`, `credential:NAME` or `prompt`. A file with such a name is written with its folder, as ./prompt.
 */
import { closeSync, fstatSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Bytes } from "../primitives/bytes.ts";
import { utf8 } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { LIMITS } from "../primitives/limits.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { FileTooLarge, readDescriptor } from "./bounded-file.ts";
import { askAtTerminal } from "./passphrase-prompt.ts";
import { readPrivateFile } from "./private-file.ts";
import { StorageError } from "./storage-errors.ts";
import { systemRefusal } from "./system-errors.ts";

export const PASSPHRASE_FORM = "a file of mode 0600, fd:N, env:NAME, credential:NAME or prompt";

type PassphraseSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "descriptor"; readonly number: number }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "credential"; readonly name: string }
  | { readonly kind: "prompt" };

const OTHERS = 0o077;
/** systemd gives a credential to its service by an access list, whose mask stands in the bits of the group. */
const ALL_USERS = 0o007;

function sourceOf(text: string): PassphraseSource {
  const [, number] = /^fd:(\d{1,4})$/.exec(text) ?? [];
  if (number !== undefined) return { kind: "descriptor", number: Number(number) };
  const [, variable] = /^env:([A-Za-z_][A-Za-z0-9_]{0,99})$/.exec(text) ?? [];
  if (variable !== undefined) return { kind: "environment", name: variable };
  const [, credential] = /^credential:([A-Za-z0-9][A-Za-z0-9._-]{0,99})$/.exec(text) ?? [];
  if (credential !== undefined) return { kind: "credential", name: credential };
  if (text === "prompt") return { kind: "prompt" };
  const [, form] = /^(fd|env|credential):/.exec(text) ?? [];
  if (form === undefined) return { kind: "file", path: text };
  // The text is not shown: it may hold the passphrase itself.
  throw new StorageError(
    "malformed",
    `a passphrase is to come from ${form}:, which must be followed by ${NEEDED[form]}; write ${PASSPHRASE_FORM}`,
  );
}

const NEEDED: Readonly<Record<string, string>> = {
  fd: "a number",
  env: "the name of a variable",
  credential: "the name of a credential, without a folder",
};

/** True if the text stands for a file. Throws a StorageError if it has no form. */
export function isPassphraseFile(text: string): boolean {
  return sourceOf(text).kind === "file";
}

/** The bytes that the source holds, with all lines. `isNew`: a person types it twice. Throws a StorageError. */
export async function readSource(text: string, isNew: boolean): Promise<Bytes> {
  const source = sourceOf(text);
  switch (source.kind) {
    case "file":
      return await readPrivateFile(source.path);
    case "descriptor":
      return fromDescriptor(source.number);
    case "environment":
      return fromEnvironment(source.name);
    case "credential":
      return await fromCredential(source.name);
    case "prompt":
      return await askAtTerminal(isNew);
  }
}

/** Read to its end and closed, so that no process that this one starts inherits it. */
function fromDescriptor(number: number): Bytes {
  const place = `file descriptor ${number}`;
  try {
    const stat = fstatSync(number);
    if (stat.isFile() && (stat.mode & OTHERS) !== 0) {
      const remedy = "run chmod 600 on it, or hand it over by a pipe";
      throw new StorageError("exposed", `${place} is a file that others can read; ${remedy}`);
    }
    const content = readDescriptor(number, LIMITS.files.smallBytesMax);
    closeSync(number);
    return content;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    if (error instanceof FileTooLarge) throw tooLong(place, error);
    const why = error instanceof Error && "code" in error ? `${error.code}` : "unreadable";
    const remedy = `open it for the command, such as ${number}< FILE in a shell`;
    throw new StorageError("missing", `${place} cannot be read (${why}); ${remedy}`, error);
  }
}

/** Taken out of the environment, which every process that this one starts would inherit. */
function fromEnvironment(name: string): Bytes {
  const value = process.env[name];
  if (value === undefined) {
    throw new StorageError(
      "missing",
      `the environment has no variable ${name} with the passphrase; set it, or name another source`,
    );
  }
  delete process.env[name];
  return utf8(value);
}

/** As systemd.exec(5) hands credentials over. */
async function fromCredential(name: string): Promise<Bytes> {
  const folder = process.env["CREDENTIALS_DIRECTORY"];
  if (folder === undefined || folder === "") {
    throw new StorageError(
      "missing",
      `there is no credential ${name}, because CREDENTIALS_DIRECTORY is not set; set LoadCredential=${name}:FILE or ` +
        "LoadCredentialEncrypted= in the unit, and start the node by systemd",
    );
  }
  const path = join(folder, name);
  const file = await open(path, "r").catch((error: unknown) => {
    const remedy = `set LoadCredential=${name}:FILE in the unit`;
    const missing = new StorageError("missing", `${path} is no credential here; ${remedy}`, error);
    throw isAbsent(error) ? missing : (systemRefusal(path, error) ?? error);
  });
  try {
    if (((await file.stat()).mode & ALL_USERS) !== 0) {
      const remedy = `run: chmod o= ${shellWord(path)}`;
      throw new StorageError("exposed", `${path} can be read by all users; ${remedy}`);
    }
    return readDescriptor(file.fd, LIMITS.files.smallBytesMax);
  } catch (error) {
    throw error instanceof FileTooLarge ? tooLong(path, error) : error;
  } finally {
    await file.close();
  }
}

function isAbsent(error: unknown): boolean {
  return errorCode(error) === "ENOENT";
}

function tooLong(place: string, { message }: FileTooLarge): StorageError {
  return new StorageError("malformed", `${place} holds no passphrase: ${message}; name another`);
}
