/** The user's wallet keys: encrypted files in one folder, named after their wallets. */
import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Wallet } from "../client/wallet.ts";
import { entropy, SEED_LENGTH, sha256, signingKeyOf } from "../node/base/crypto.ts";
import {
  type NetworkId,
  parseUuid,
  UUID_LENGTH,
  uuidFromBytes,
  uuidFromDigest,
  uuidToBytes,
  type WalletId,
} from "../primitives/ids.ts";
import { KeyRing, RANDOM_PASSPHRASE_COST } from "../storage/key-ring.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { createPassphraseFile, loadPassphrase } from "../storage/passphrase.ts";
import { StorageError } from "../storage/storage-errors.ts";
import { CommandError, type Options, type Values } from "./command.ts";
import { WALLETS_FOLDER } from "./default-folders.ts";

export const WALLET_KEY_OPTIONS = {
  wallets: {
    kind: "text",
    value: "DIR",
    summary: "folder of your wallets' keys and names",
    fallback: WALLETS_FOLDER,
  },
  "passphrase-file": {
    kind: "text",
    value: "FILE",
    summary: "passphrase of these keys, mode 0600 (default: a random one kept in DIR)",
  },
} as const satisfies Options;

const KIND = "wallet";

/** A wallet whose key is in the folder. */
export interface KeptWallet {
  readonly wallet: Wallet;
  /** Deadline of its first creation, milliseconds. */
  readonly createdUntil: number;
}

/** The file holds the seed, then creation id and deadline. */
const SECRET_LENGTH = SEED_LENGTH + UUID_LENGTH + 8;

/** Opened and closed by one command. */
export class WalletKeys {
  readonly #ring: KeyRing;

  private constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  /** The wallets of which the folder holds keys. Asks for no passphrase. */
  static async held(
    { wallets: folder }: Pick<Values<typeof WALLET_KEY_OPTIONS>, "wallets">,
    ids: readonly WalletId[],
  ): Promise<readonly WalletId[]> {
    const keys = keysFolderOf(folder);
    const names = existsSync(keys) ? await readdir(keys) : [];
    return ids.filter((id) => names.some((name) => name.startsWith(`${id}.`)));
  }

  /** The folder; undefined if it does not exist and is not to be made. */
  static async open(
    command: string,
    values: Values<typeof WALLET_KEY_OPTIONS>,
    create: boolean,
  ): Promise<WalletKeys | undefined> {
    const { wallets: folder, "passphrase-file": given } = values;
    if (!create && !existsSync(folder)) return undefined;
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw new CommandError(
        `${command}: --wallets is ${folder}, which is no folder; name another`,
      );
    }
    try {
      await makeFolder(folder, 0o700);
      const file = given ?? join(folder, "passphrase");
      if (given === undefined && !existsSync(file)) {
        // A new passphrase would open none of the keys, and would take the place of the right one.
        if (await holdsKeys(folder)) throw passphraseMissing(command, folder, file);
        await createPassphraseFile(file);
      }
      const passphrase = await loadPassphrase(file);
      const cost = given === undefined ? RANDOM_PASSPHRASE_COST : undefined;
      const ring = await KeyRing.open(keysFolderOf(folder), passphrase, cost);
      passphrase.fill(0);
      return new WalletKeys(ring);
    } catch (error) {
      if (!(error instanceof StorageError) && !isFileError(error)) throw error;
      throw new CommandError(`${command}: ${error.message}; see --wallets and --passphrase-file`);
    }
  }

  /** Draws a key and stores it, before the wallet is used anywhere. */
  async create(networkId: NetworkId, createdUntil: number): Promise<KeptWallet> {
    const seed = entropy(SEED_LENGTH);
    const creationId = uuidFromDigest(sha256(entropy(32)));
    const key = signingKeyOf(seed);
    const wallet = new Wallet({ networkId, hash: sha256, key, creationId });
    const secret = new Uint8Array(SECRET_LENGTH);
    secret.set(seed);
    secret.set(uuidToBytes(creationId), SEED_LENGTH);
    new DataView(secret.buffer).setBigUint64(SEED_LENGTH + UUID_LENGTH, BigInt(createdUntil));
    const { id: name, publicKey } = wallet;
    await this.#ring.save({ name, kind: KIND, publicKey }, secret);
    secret.fill(0);
    seed.fill(0);
    return { wallet, createdUntil };
  }

  /** The wallet, if its key is in the folder and belongs to this network. */
  async load(networkId: NetworkId, id: WalletId): Promise<KeptWallet | undefined> {
    if (!(await this.#ring.has(id))) return undefined;
    const { secret } = await this.#ring.load(id, KIND);
    const key = signingKeyOf(secret.slice(0, SEED_LENGTH));
    const creationId = uuidFromBytes(secret.slice(SEED_LENGTH, SEED_LENGTH + UUID_LENGTH));
    const view = new DataView(secret.buffer, secret.byteOffset, secret.byteLength);
    const createdUntil = Number(view.getBigUint64(SEED_LENGTH + UUID_LENGTH));
    secret.fill(0);
    const wallet = new Wallet({ networkId, hash: sha256, key, creationId });
    return wallet.id === id ? { wallet, createdUntil } : undefined;
  }

  async list(): Promise<readonly WalletId[]> {
    const names = await this.#ring.list();
    return names.flatMap((name) => parseUuid(name) ?? []);
  }

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

function passphraseMissing(command: string, folder: string, file: string): CommandError {
  return new CommandError(
    `${command}: ${file} is missing, and the keys in ${keysFolderOf(folder)} cannot be opened without it; ` +
      "put it back, name another by --passphrase-file, or another folder by --wallets",
  );
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && "syscall" in error;
}
