/**
 * The user's names for wallets, kept in the folder of the user's keys. A name chooses whom a payment pays, so a file that others
 * can write is refused, and a name never moves to another wallet by itself.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { utf8 } from "../primitives/bytes.ts";
import type { WalletId } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { writeFileDurably } from "../storage/atomic-file.ts";
import { FileTooLarge } from "../storage/bounded-file.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { StorageError } from "../storage/storage-errors.ts";
import { CommandError, type Options } from "./command.ts";
import { WALLETS_FOLDER } from "./default-folders.ts";
import { nameSkeleton } from "./wallet-name.ts";
import { namesFileIn, readNamesFile } from "./wallet-names-file.ts";

/** Of commands that need no key. */
export const WALLET_NAMES_OPTION = {
  wallets: {
    kind: "text",
    value: "DIR",
    summary: "folder of your names for wallets",
    fallback: WALLETS_FOLDER,
  },
} as const satisfies Options;

interface InFolder {
  readonly wallets: string;
}

const OTHERS_WRITE = 0o022;

export class WalletNames {
  readonly #ids: ReadonlyMap<string, WalletId>;
  readonly #names: ReadonlyMap<string, string>;

  constructor(ids: ReadonlyMap<string, WalletId>) {
    this.#ids = ids;
    this.#names = new Map([...ids].map(([name, id]) => [id, name]));
  }

  /** Those of the folder; none if it has no file of names. Read before a command sends anything. */
  static read(command: string, { wallets: folder }: InFolder): WalletNames {
    const path = namesFileIn(folder);
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) return new WalletNames(new Map());
    if ((mode & OTHERS_WRITE) !== 0) {
      throw new CommandError(
        `${command}: ${path} can be written by others, who could choose whom you pay; check its lines, then run: chmod 600 ${shellWord(path)}`,
      );
    }
    const read = readNames(command, path);
    if ("badLine" in read) {
      throw new CommandError(
        `${command}: ${path}, line ${read.badLine} ${read.why}; correct the line, or remove it`,
      );
    }
    return new WalletNames(read);
  }

  get all(): readonly (readonly [name: string, id: WalletId])[] {
    return [...this.#ids].toSorted(([one], [other]) => (one < other ? -1 : 1));
  }

  idOf(name: string): WalletId | undefined {
    return this.#ids.get(name);
  }

  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** "alice (0f8e…)" with the whole id, or the id alone. */
  show(id: string): string {
    const name = this.nameOf(id);
    return name === undefined ? id : `${name} (${id})`;
  }

  /** The name that a reader may confuse with this one. */
  like(name: string): string | undefined {
    const skeleton = nameSkeleton(name);
    return [...this.#ids.keys()].find((one) => nameSkeleton(one) === skeleton);
  }
}

function readNames(command: string, path: string): ReturnType<typeof readNamesFile> {
  try {
    return readNamesFile(path);
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    throw new CommandError(`${command}: ${path} cannot be used: ${error.message}`);
  }
}

/** Replaces the names by what `change` makes of them, while no other command does. */
export async function changeNames(
  command: string,
  { wallets: folder }: InFolder,
  change: (names: WalletNames) => ReadonlyMap<string, WalletId>,
): Promise<void> {
  await makeFolder(folder, 0o700);
  // Loads SQLite, which commands that only read names do not need.
  const { takeExclusiveLock } = await import("../storage/exclusive-lock.ts");
  const lockFolder = join(folder, "names.lock");
  const lock = await takeExclusiveLock(lockFolder).catch((error: unknown) => {
    if (!(error instanceof StorageError)) throw error;
    throw new CommandError(`${command}: ${error.message}; see --wallets DIR`);
  });
  if (lock === undefined) {
    throw new CommandError(`${command}: another command changes the names; repeat this one`);
  }
  try {
    const changed = change(WalletNames.read(command, { wallets: folder }));
    const lines = [...changed].map(([name, id]) => `${name} ${id}\n`);
    if (changed.size > LIMITS.walletNamesMax) {
      throw new CommandError(
        `${command}: ${folder} has ${LIMITS.walletNamesMax} names, the most it may have; remove one by countersign wallet unname`,
      );
    }
    await writeFileDurably(namesFileIn(folder), utf8(lines.join("")));
  } finally {
    await lock.release();
  }
}
