/**
 * The keys of wallets in the encrypted files of the command line, one for each wallet, in one folder (`--wallets`,
 * `.countersign-wallets`). Programs in Node and commands share the folder.
 */
import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Bytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import {
  type NetworkId,
  parseUuid,
  UUID_LENGTH,
  uuidFromBytes,
  uuidFromDigest,
  uuidToBytes,
  type WalletId,
} from "../primitives/ids.ts";
import type { SigningKey } from "../primitives/signature.ts";
import { KeyRing, RANDOM_PASSPHRASE_COST } from "../storage/key-ring.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { createPassphraseFile, loadPassphrase } from "../storage/passphrase.ts";
import { StorageError } from "../storage/storage-errors.ts";
import { LedgerError } from "./ledger-error.ts";
import { Wallet } from "./wallet.ts";

/** The functions of `countersign/crypto`. */
export interface WalletCrypto {
  readonly sha256: Hash;
  readonly entropy: (length: number) => Bytes;
  /** The key pair of a 32-byte seed. */
  readonly signingKeyOf: (seed: Bytes) => SigningKey;
}

export interface WalletFolderOptions {
  readonly crypto: WalletCrypto;
  /** Path of the file with the passphrase, mode 0600; absent: a random one that is kept in the folder. */
  readonly passphraseFile?: string | undefined;
}

/** A wallet whose key is in the folder. */
export interface KeptWallet {
  readonly wallet: Wallet;
  /** Deadline of its first creation, milliseconds since the epoch. */
  readonly createdUntil: number;
}

const KIND = "wallet";
const SEED_LENGTH = 32;
/** The file holds the seed, then creation id and deadline. */
const SECRET_LENGTH = SEED_LENGTH + UUID_LENGTH + 8;

export class WalletFolder {
  readonly #crypto: WalletCrypto;
  readonly #ring: KeyRing;

  private constructor(crypto: WalletCrypto, ring: KeyRing) {
    this.#crypto = crypto;
    this.#ring = ring;
  }

  /** Those of the wallets whose keys are in the folder. Needs no passphrase. */
  static async held(folder: string, ids: readonly WalletId[]): Promise<readonly WalletId[]> {
    const keys = keysFolderOf(folder);
    const names = existsSync(keys) ? await readdir(keys) : [];
    return ids.filter((id) => names.some((name) => name.startsWith(`${id}.`)));
  }

  /** Opens the folder, made if there is none. Throws LedgerError KEYS_UNUSABLE. */
  static async open(
    folder: string,
    { crypto, passphraseFile }: WalletFolderOptions,
  ): Promise<WalletFolder> {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw new LedgerError("KEYS_UNUSABLE", `${folder} is no folder; name another`);
    }
    try {
      await makeFolder(folder, 0o700);
      const file = passphraseFile ?? join(folder, "passphrase");
      if (passphraseFile === undefined && !existsSync(file)) {
        // A new passphrase would open none of the keys, and would take the place of the right one.
        if (await holdsKeys(folder)) throw passphraseMissing(folder, file);
        await createPassphraseFile(file);
      }
      const passphrase = await loadPassphrase(file);
      const cost = passphraseFile === undefined ? RANDOM_PASSPHRASE_COST : undefined;
      const ring = await KeyRing.open(keysFolderOf(folder), passphrase, cost);
      passphrase.fill(0);
      return new WalletFolder(crypto, ring);
    } catch (error) {
      throw unusable(error);
    }
  }

  /** Draws a key and stores it, before the wallet is used anywhere. */
  async create(networkId: NetworkId, createdUntil: number): Promise<KeptWallet> {
    const { entropy, sha256, signingKeyOf } = this.#crypto;
    const seed = entropy(SEED_LENGTH);
    const creationId = uuidFromDigest(sha256(entropy(32)));
    const key = signingKeyOf(seed);
    const wallet = new Wallet({ networkId, hash: sha256, key, creationId });
    const secret = new Uint8Array(SECRET_LENGTH);
    secret.set(seed);
    secret.set(uuidToBytes(creationId), SEED_LENGTH);
    new DataView(secret.buffer).setBigUint64(SEED_LENGTH + UUID_LENGTH, BigInt(createdUntil));
    const { id: name, publicKey } = wallet;
    await this.#ring.save({ name, kind: KIND, publicKey }, secret).catch((error: unknown) => {
      throw unusable(error);
    });
    secret.fill(0);
    seed.fill(0);
    return { wallet, createdUntil };
  }

  /** The wallet, if its key is in the folder and belongs to this network. Throws LedgerError KEYS_UNUSABLE. */
  async load(networkId: NetworkId, id: WalletId): Promise<KeptWallet | undefined> {
    if (!(await this.#ring.has(id))) return undefined;
    const { secret } = await this.#ring.load(id, KIND).catch((error: unknown) => {
      throw unusable(error);
    });
    const key = this.#crypto.signingKeyOf(secret.slice(0, SEED_LENGTH));
    const creationId = uuidFromBytes(secret.slice(SEED_LENGTH, SEED_LENGTH + UUID_LENGTH));
    const view = new DataView(secret.buffer, secret.byteOffset, secret.byteLength);
    const createdUntil = Number(view.getBigUint64(SEED_LENGTH + UUID_LENGTH));
    secret.fill(0);
    const wallet = new Wallet({ networkId, hash: this.#crypto.sha256, key, creationId });
    return wallet.id === id ? { wallet, createdUntil } : undefined;
  }

  async list(): Promise<readonly WalletId[]> {
    const names = await this.#ring.list();
    return names.flatMap((name) => parseUuid(name) ?? []);
  }

  /** Forgets the passphrase. */
  close(): Promise<void> {
    return this.#ring.close();
  }
}

function keysFolderOf(folder: string): string {
  return join(folder, "keys");
}

async function holdsKeys(folder: string): Promise<boolean> {
  const keys = keysFolderOf(folder);
  return existsSync(keys) && (await readdir(keys)).length > 0;
}

function passphraseMissing(folder: string, file: string): LedgerError {
  return new LedgerError(
    "KEYS_UNUSABLE",
    `${file} is missing, and the keys in ${keysFolderOf(folder)} cannot be opened without it; ` +
      "put it back, or name another file or folder",
  );
}

/** A failure of the folder or its files; any other error as it is. */
function unusable(error: unknown): unknown {
  const isOurs = error instanceof StorageError || isFileError(error);
  if (!isOurs) return error;
  return new LedgerError("KEYS_UNUSABLE", error.message, { cause: error });
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && "syscall" in error;
}
