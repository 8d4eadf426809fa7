/** The folder of the user's wallet keys, as commands open it. */
import { existsSync } from "node:fs";
import { LedgerError } from "../client/ledger-error.ts";
import { WalletFolder } from "../client/wallet-folder.ts";
import { entropy, sha256, signingKeyOf } from "../node/base/crypto.ts";
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

const CRYPTO = { sha256, entropy, signingKeyOf };

/** The folder; undefined if it does not exist and is not to be made. */
export async function openWalletKeys(
  command: string,
  values: Values<typeof WALLET_KEY_OPTIONS>,
  create: boolean,
): Promise<WalletFolder | undefined> {
  const { wallets: folder, "passphrase-file": passphraseFile } = values;
  if (!create && !existsSync(folder)) return undefined;
  try {
    return await WalletFolder.open(folder, { crypto: CRYPTO, passphraseFile });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new CommandError(`${command}: ${error.message}; see --wallets and --passphrase-file`);
  }
}
