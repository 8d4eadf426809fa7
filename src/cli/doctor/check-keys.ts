/** Checks of `countersign doctor`: the passphrase, and every key file that it should open. Nothing in the folder is changed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SigningKey } from "../../node/base/crypto.ts";
import { loadNodeKeys } from "../../node/files/node-keys.ts";
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { KEY_FILE_ENDING, KeyRing } from "../../storage/key-ring.ts";
import { loadPassphrase } from "../../storage/passphrase.ts";
import { isPassphraseFile } from "../../storage/passphrase-source.ts";
import { StorageError, type StorageErrorCode } from "../../storage/storage-errors.ts";
import { type NodeFolder, problemOf } from "./check-folder.ts";
import type { Examination } from "./examination.ts";
import type { FindingCode } from "./findings.ts";

const NEEDED = ["identity", "custody"] as const;

const CODES: Partial<Readonly<Record<StorageErrorCode, FindingCode>>> = {
  missing: "KEY_MISSING",
  exposed: "KEY_EXPOSED",
  malformed: "KEY_DAMAGED",
  wrongPassphrase: "KEY_DAMAGED",
};

/** The identity key, if all keys are as they should be; the peers can be asked with it. */
export async function checkKeys(
  { config, data, self }: NodeFolder,
  examination: Examination,
): Promise<SigningKey | undefined> {
  const passphrase = await checkPassphrase(config.passphraseFile, examination);
  if (data === undefined) return undefined;
  const { keysPath } = data;
  const missing = NEEDED.filter((name) => !existsSync(join(keysPath, `${name}${KEY_FILE_ENDING}`)));
  examination.checked();
  for (const name of missing) {
    const path = join(keysPath, `${name}${KEY_FILE_ENDING}`);
    examination.found("KEY_MISSING", `${path} is not there`, path);
  }
  if (passphrase === undefined) {
    examination.leaveOut("key files", "without their passphrase they cannot be opened");
    return undefined;
  }
  const ring = KeyRing.forReading(keysPath, passphrase);
  passphrase.fill(0);
  const isSound = await openEach(keysPath, ring, examination);
  const keys = isSound && missing.length === 0 ? await loadNodeKeys(ring) : undefined;
  await ring.close();
  if (keys === undefined || self === undefined) return undefined;
  examination.checked();
  const { identity, custody } = keys;
  const isOwn =
    equalBytes(identity.publicKey, self.identityKey) &&
    equalBytes(custody.publicKey, self.custodyKey);
  if (isOwn) return identity;
  const what = `the keys in ${keysPath} are not those of ${self.id} in ${config.genesisFile}`;
  examination.found("KEYS_FOREIGN", what, keysPath);
  return undefined;
}

async function checkPassphrase(path: string, examination: Examination): Promise<Bytes | undefined> {
  examination.checked();
  try {
    return await loadPassphrase(path);
  } catch (error) {
    const problem = problemOf(error);
    const isExposed = error instanceof StorageError && error.code === "exposed";
    // The remedy for an exposed file is none for another source, whose message has its own.
    if (isExposed && isPassphraseFile(path)) {
      examination.found("PASSPHRASE_EXPOSED", problem, path);
    } else examination.found("PASSPHRASE_MISSING", problem);
    return undefined;
  }
}

/** True if all files open. If none does, the passphrase is at fault. */
async function openEach(folder: string, ring: KeyRing, examination: Examination): Promise<boolean> {
  const names = await ring.list().catch(() => []);
  const failures: { readonly path: string; readonly error: StorageError }[] = [];
  for (const name of names) {
    examination.checked();
    const path = join(folder, `${name}${KEY_FILE_ENDING}`);
    const error = await problemOfKey(ring, name);
    if (error !== undefined) failures.push({ path, error });
  }
  const isAll = names.length > 0 && failures.length === names.length;
  if (isAll && failures.every(({ error }) => error.code === "wrongPassphrase")) {
    const what = `none of the ${names.length} key files in ${folder} opens with the passphrase`;
    examination.found("PASSPHRASE_WRONG", what, folder);
    return false;
  }
  for (const { path, error } of failures) {
    const code = CODES[error.code];
    if (code === undefined) throw error;
    examination.found(code, problemOf(error), path);
  }
  return failures.length === 0;
}

async function problemOfKey(ring: KeyRing, name: string): Promise<StorageError | undefined> {
  try {
    await ring.tryKey(name);
    return undefined;
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
}
