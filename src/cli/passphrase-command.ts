/** `countersign passphrase change`: encrypts the keys of a node or of a wallet folder under another passphrase. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { networkIdOf } from "../ledger/genesis.ts";
import { sha256 } from "../node/base/crypto.ts";
import { loadConfig } from "../node/files/config.ts";
import { loadGenesis } from "../node/files/genesis-file.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { openDataFolder } from "../storage/data-folder.ts";
import { DEFAULT_SCRYPT_COST, KeyRing } from "../storage/key-ring.ts";
import { loadPassphrase } from "../storage/passphrase.ts";
import { PASSPHRASE_FORM } from "../storage/passphrase-source.ts";
import { openStore, storeExists } from "../storage/store-factory.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { CONFIG_OPTION } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";

const NAME = "passphrase change";

/** A folder of keys that no other process uses until `release`. */
interface HeldKeys {
  readonly folder: string;
  /** The source of the passphrase that the keys have. */
  readonly from: string;
  /** The instruction for what reads the passphrase from now on. */
  readonly next: string;
  readonly release: () => Promise<void>;
}

export const passphraseChange = defineCommand({
  name: NAME,
  example: "countersign passphrase change --config node1/config.json --to node1/passphrase.new",
  details:
    "All keys are encrypted anew, and count together: a crash leaves all under the old passphrase or all under the new " +
    "one, and the next start of the node, or of this command, ends what was begun. A running node is refused: stop it " +
    "first. For --wallets, end the programs that use the folder. Copies and backups of the old files still open with " +
    "the old passphrase.",
  operands: [],
  options: {
    config: CONFIG_OPTION,
    wallets: {
      kind: "text",
      value: "DIR",
      summary: "a folder of wallets' keys, instead of --config",
    },
    from: {
      kind: "text",
      value: "SOURCE",
      summary: "the present passphrase (default: as the configuration says, or passphrase in DIR)",
    },
    to: { kind: "text", value: "SOURCE", summary: `the new one: ${PASSPHRASE_FORM}` },
  },
  run: async ({ values }, terminal) => {
    const { config, wallets, from, to } = values;
    if (to === undefined) throw usage(`${NAME}: --to is missing; it takes ${PASSPHRASE_FORM}`);
    const held = await hold(config, wallets);
    try {
      const old = await loadPassphrase(from ?? held.from);
      const ring = await KeyRing.open(held.folder, old);
      const passphrase = await loadPassphrase(to, { isNew: true });
      if (equalBytes(old, passphrase)) {
        throw new CommandError(`${NAME}: the new passphrase is the old one; give another by --to`);
      }
      const names = await ring.changePassphrase(passphrase, DEFAULT_SCRYPT_COST);
      for (const secret of [old, passphrase]) secret.fill(0);
      await ring.close();
      terminal.answer({
        value: { folder: held.folder, keys: names },
        text: `${names.length} keys in ${held.folder} have the new passphrase.\n${held.next}`,
      });
      return EXIT.ok;
    } finally {
      await held.release();
    }
  },
});

async function hold(config: string | undefined, wallets: string | undefined): Promise<HeldKeys> {
  if (config !== undefined && wallets === undefined) return await holdNode(config);
  if (config === undefined && wallets !== undefined) return holdWallets(wallets);
  throw usage(`${NAME}: give either --config FILE or --wallets DIR`);
}

/** The lock of the store is the node's: while this command has it, no node starts. */
async function holdNode(file: string): Promise<HeldKeys> {
  const { dataFolder, genesisFile, passphraseFile: from } = loadConfig(file);
  const { keysPath: folder, storePath: location, engine } = await openDataFolder(dataFolder);
  const networkId = networkIdOf(sha256, loadGenesis(genesisFile));
  const place = { engine, location, identity: { networkId } };
  const store = (await storeExists(place)) ? await openStore(place) : undefined;
  const next = `Name the source of the new one under "passphraseFile" in ${shellWord(file)} before the next start.`;
  return { folder, from, next, release: async () => await store?.close() };
}

function holdWallets(wallets: string): HeldKeys {
  const folder = join(wallets, "keys");
  if (!existsSync(folder)) {
    throw new CommandError(`${NAME}: ${wallets} holds no keys; name the folder of your wallets`);
  }
  const next =
    `Name the source of the new one by --passphrase-file, or put it into ${shellWord(join(wallets, "passphrase"))}, which ` +
    "commands read by default.";
  return { folder, from: join(wallets, "passphrase"), next, release: async () => undefined };
}
