/**
 * A node's keys at rest: one encrypted file for each key, in one folder. The slow derivation from the passphrase runs once
 * per salt and process, so that ceremony secrets can be saved without delay. The key ring does not know what its secrets
 * are for.
 */
import { randomBytes, scrypt } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../primitives/assert.ts";
import { type Bytes, equalBytes, toHex } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { destroyFile, TEMPORARY_SUFFIX, writeFileDurably } from "./atomic-file.ts";
import { clearNext, commitNext, destroyNext, settleNext, writeNext } from "./key-change.ts";
import {
  formatKeyFile,
  type KeyDerivation,
  type KeyFile,
  type KeyKind,
  parseKeyFile,
  sealKeyFile,
  unsealKeyFile,
} from "./key-file.ts";
import { makeFolder } from "./make-folder.ts";
import { readPrivateFile } from "./private-file.ts";
import { StorageError } from "./storage-errors.ts";
import { namingRefusals } from "./system-errors.ts";

/** Of every key file's name. */
export const KEY_FILE_ENDING = ".key.json";
const NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,99}$/;
const SALT_LENGTH = 32;
const CIPHER_KEY_LENGTH = 32;

/** scrypt's cost for new folders; the default takes 128 MiB and about half a second, once. */
export interface ScryptCost {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

export const DEFAULT_SCRYPT_COST: ScryptCost = { cost: 2 ** 17, blockSize: 8, parallelization: 1 };

/** scrypt's cost for a random passphrase of 256 bits, which a slow derivation would not make stronger. */
export const RANDOM_PASSPHRASE_COST: ScryptCost = { ...DEFAULT_SCRYPT_COST, cost: 2 ** 14 };

export interface KeyEntry {
  /** Lower-case letters, digits and hyphens; also the name of its file. */
  readonly name: string;
  readonly kind: KeyKind;
  readonly publicKey?: Bytes | undefined;
}

export class KeyRing {
  readonly #folder: string;
  readonly #passphrase: Bytes;
  /** Derived keys by derivation. */
  readonly #cipherKeys = new Map<string, Promise<Bytes>>();
  readonly #derivation: KeyDerivation;

  private constructor(folder: string, passphrase: Bytes, derivation: KeyDerivation) {
    this.#folder = folder;
    this.#passphrase = Uint8Array.from(passphrase);
    this.#derivation = derivation;
  }

  /**
   * Opens the folder, or makes it with mode 0700. If it holds keys, the passphrase is tested on one of them, and new
   * keys share its salt. `cost` applies to the first key of a folder.
   */
  static async open(
    folder: string,
    passphrase: Bytes,
    cost = DEFAULT_SCRYPT_COST,
  ): Promise<KeyRing> {
    const [first] = await namingRefusals(folder, async () => {
      await makeFolder(folder, 0o700);
      await settleNext(folder);
      await removeLeftovers(folder);
      return await namesIn(folder);
    });
    if (first === undefined) {
      return new KeyRing(folder, passphrase, { ...cost, salt: randomBytes(SALT_LENGTH) });
    }
    const file = await readKeyFile(folder, first);
    const ring = new KeyRing(folder, passphrase, file.derivation);
    const { secret } = await ring.load(first, file.kind);
    secret.fill(0);
    return ring;
  }

  /** A ring to read by, in a folder that a running node may hold: nothing in it is changed, and the passphrase is not tested. */
  static forReading(folder: string, passphrase: Bytes): KeyRing {
    const derivation = { ...DEFAULT_SCRYPT_COST, salt: randomBytes(SALT_LENGTH) };
    return new KeyRing(folder, passphrase, derivation);
  }

  /** Names of all keys, ascending. */
  list(): Promise<readonly string[]> {
    return namesIn(this.#folder);
  }

  /**
   * Encrypts and stores `secret`, in place of an earlier one of its name. Synced when it settles. The caller keeps
   * its copy.
   */
  async save(entry: KeyEntry, secret: Bytes): Promise<void> {
    const path = this.#pathOf(entry.name);
    const cipherKey = await this.#cipherKeyOf(this.#derivation);
    const file = sealKeyFile({ ...entry, derivation: this.#derivation }, cipherKey, secret);
    await writeFileDurably(path, formatKeyFile(file));
  }

  /** The secret of `name`, which must be of `kind`. The caller overwrites it after use. */
  async load(name: string, kind: KeyKind): Promise<KeyEntry & { readonly secret: Bytes }> {
    const path = this.#pathOf(name);
    const file = await readKeyFile(this.#folder, name);
    if (file.kind !== kind) {
      throw new StorageError("malformed", `${path} holds a key of kind ${file.kind}, not ${kind}`);
    }
    return { name, kind, publicKey: file.publicKey, secret: await this.#unseal(file) };
  }

  /** Throws a StorageError unless the file of `name` opens. */
  async tryKey(name: string): Promise<void> {
    (await this.#unseal(await readKeyFile(this.#folder, name))).fill(0);
  }

  async #unseal(file: KeyFile): Promise<Bytes> {
    const secret = unsealKeyFile(file, await this.#cipherKeyOf(file.derivation));
    if (secret !== undefined) return secret;
    throw new StorageError(
      "wrongPassphrase",
      `${this.#pathOf(file.name)} does not open with this passphrase, or it was changed; give the passphrase it ` +
        "was made with, or restore the file",
    );
  }

  /**
   * Encrypts every key anew under `passphrase`, with a salt of its own, and reads each back. The ring cannot be used after
   * that. `step` is told of each step before it is taken.
   */
  async changePassphrase(
    passphrase: Bytes,
    cost: ScryptCost,
    step: (what: "write" | "commit" | "settle") => void = () => undefined,
  ): Promise<readonly string[]> {
    const derivation = { ...cost, salt: randomBytes(SALT_LENGTH) };
    const cipherKey = await deriveCipherKey(passphrase, derivation);
    await clearNext(this.#folder);
    const names = await this.list();
    for (const name of names) {
      step("write");
      const head = await readKeyFile(this.#folder, name);
      const secret = await this.#unseal(head);
      const next = sealKeyFile({ ...head, derivation }, cipherKey, secret);
      const opened = unsealKeyFile(next, cipherKey);
      assert(opened !== undefined && equalBytes(opened, secret), "a key that was encrypted opens");
      opened.fill(0);
      secret.fill(0);
      await writeNext(this.#folder, `${name}${KEY_FILE_ENDING}`, formatKeyFile(next));
    }
    step("commit");
    await commitNext(this.#folder);
    step("settle");
    await settleNext(this.#folder);
    cipherKey.fill(0);
    return names;
  }

  async has(name: string): Promise<boolean> {
    return (await this.list()).includes(name);
  }

  /**
   * Overwrites and removes the file of `name`, if it exists, and what an interrupted change of the passphrase left of it;
   * `destroyFile` says how much that protects.
   */
  async destroy(name: string): Promise<void> {
    if (await this.has(name)) await destroyFile(this.#pathOf(name));
    await destroyNext(this.#folder, `${name}${KEY_FILE_ENDING}`);
  }

  /** Forgets the passphrase and all derived keys. The ring cannot be used after that. */
  async close(): Promise<void> {
    this.#passphrase.fill(0);
    for (const cipherKey of this.#cipherKeys.values()) (await cipherKey).fill(0);
    this.#cipherKeys.clear();
  }

  #pathOf(name: string): string {
    return pathOf(this.#folder, name);
  }

  #cipherKeyOf(derivation: KeyDerivation): Promise<Bytes> {
    const { cost, blockSize, parallelization, salt } = derivation;
    const name = `${cost}/${blockSize}/${parallelization}/${toHex(salt)}`;
    const known = this.#cipherKeys.get(name);
    if (known !== undefined) return known;
    const derived = deriveCipherKey(this.#passphrase, derivation);
    this.#cipherKeys.set(name, derived);
    return derived;
  }
}

/** An encrypted key file as it is. */
export interface KeyFileCopy {
  readonly name: string;
  readonly content: Bytes;
}

/** The key files of a folder, by name, all under one passphrase. One that is removed meanwhile is left out. */
export async function copyKeyFiles(folder: string): Promise<KeyFileCopy[]> {
  await namingRefusals(folder, () => settleNext(folder));
  const copies: KeyFileCopy[] = [];
  for (const name of await namingRefusals(folder, () => namesIn(folder))) {
    try {
      copies.push({ name, content: await readPrivateFile(pathOf(folder, name)) });
    } catch (error) {
      if (!(error instanceof StorageError && error.code === "missing")) throw error;
    }
  }
  return copies;
}

/** Makes the folder with mode 0700, with these files. */
export async function writeKeyFiles(folder: string, copies: readonly KeyFileCopy[]): Promise<void> {
  await makeFolder(folder, 0o700);
  for (const { name, content } of copies) await writeFileDurably(pathOf(folder, name), content);
}

function pathOf(folder: string, name: string): string {
  assert(NAME_PATTERN.test(name), "name of a key");
  return join(folder, `${name}${KEY_FILE_ENDING}`);
}

async function readKeyFile(folder: string, name: string): Promise<KeyFile> {
  const path = pathOf(folder, name);
  return parseKeyFile(await readPrivateFile(path), { path, name });
}

async function namesIn(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(KEY_FILE_ENDING));
  return files
    .map((file) => file.slice(0, -KEY_FILE_ENDING.length))
    .filter((name) => NAME_PATTERN.test(name))
    .sort();
}

/** Destroys files that a crash left half-written or half-destroyed; they are encrypted, like all others. */
async function removeLeftovers(folder: string): Promise<void> {
  const leftovers = (await readdir(folder)).filter((file) => file.endsWith(TEMPORARY_SUFFIX));
  for (const file of leftovers) {
    await destroyFile(join(folder, file)).catch((error: unknown) => {
      // Another process may be writing in this folder; the lock of the store refuses that process.
      if (errorCode(error) !== "ENOENT") throw error;
    });
  }
}

function deriveCipherKey(passphrase: Bytes, derivation: KeyDerivation): Promise<Bytes> {
  const { cost, blockSize, parallelization, salt } = derivation;
  // Node's default limit is just below what N = 2^17 needs.
  const maxmem = 128 * blockSize * (cost + parallelization + 2) + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase,
      salt,
      CIPHER_KEY_LENGTH,
      { cost, blockSize, parallelization, maxmem },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    );
  });
}
