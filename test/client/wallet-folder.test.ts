/** A folder of wallet keys is one thing for programs and for commands, whichever cryptography they have. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openWalletKeys } from "../../src/cli/wallet-keys.ts";
import * as openssl from "../../src/client/openssl-crypto.ts";
import { WalletFolder } from "../../src/client/wallet-folder.ts";
import * as libsodium from "../../src/node/base/crypto.ts";

const NETWORK = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const CREATED_UNTIL = 1_795_694_403_000;
let home: string;
let folder: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-wallets-"));
  folder = join(home, "wallets");
});
afterEach(() => rm(home, { recursive: true }));

const options = () => ({ wallets: folder, "passphrase-file": undefined });

it.each([
  ["OpenSSL", openssl],
  ["libsodium", libsodium],
])(
  "a wallet made by a program with %s is the command's, and the other way round",
  async (_, crypto) => {
    const program = await WalletFolder.open(folder, { crypto });
    const { wallet } = await program.create(NETWORK, CREATED_UNTIL);
    const command = await openWalletKeys("test", options(), false);
    const made = await command?.create(NETWORK, CREATED_UNTIL);
    const read = await command?.load(NETWORK, wallet.id);
    expect(read).toMatchObject({ wallet: { id: wallet.id }, createdUntil: CREATED_UNTIL });
    expect(read?.wallet.publicKey).toEqual(wallet.publicKey);
    const theirs = made?.wallet ?? expect.fail("it was made");
    expect((await program.load(NETWORK, theirs.id))?.wallet.publicKey).toEqual(theirs.publicKey);
    expect(await program.load(OTHER, theirs.id)).toBeUndefined();
    expect((await program.list()).toSorted()).toEqual([wallet.id, theirs.id].toSorted());
    await Promise.all([program.close(), command?.close()]);
  },
);

it("no file of the folder is anybody else's, or holds the key in clear", async () => {
  const seeds: Uint8Array[] = [];
  const entropy = (length: number) => {
    const drawn = openssl.entropy(length);
    seeds.push(Uint8Array.from(drawn));
    return drawn;
  };
  const program = await WalletFolder.open(folder, { crypto: { ...openssl, entropy } });
  await program.create(NETWORK, CREATED_UNTIL);
  await program.close();
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    expect((await stat(path)).mode & 0o077, path).toBe(0);
    const content = await readFile(path);
    for (const seed of seeds) {
      expect(content.includes(Buffer.from(seed))).toBe(false);
      expect(content.includes(Buffer.from(seed).toString("hex"))).toBe(false);
    }
  }
});

it("a lost passphrase, another one, one that others may read and a file in its place are said", async () => {
  const program = await WalletFolder.open(folder, { crypto: openssl });
  await program.create(NETWORK, CREATED_UNTIL);
  await program.close();
  const refused = { name: "LedgerError", code: "KEYS_UNUSABLE" };
  const other = join(home, "other");
  await writeFile(other, "another passphrase\n", { mode: 0o600 });
  await expect(
    WalletFolder.open(folder, { crypto: openssl, passphraseFile: other }),
  ).rejects.toMatchObject({ ...refused, message: expect.stringContaining("does not open") });
  await chmod(other, 0o644);
  await expect(
    WalletFolder.open(folder, { crypto: openssl, passphraseFile: other }),
  ).rejects.toMatchObject(refused);
  await rm(join(folder, "passphrase"));
  await expect(WalletFolder.open(folder, { crypto: openssl })).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining("cannot be opened without it"),
  });
  await expect(WalletFolder.open(other, { crypto: openssl })).rejects.toMatchObject(refused);
});
