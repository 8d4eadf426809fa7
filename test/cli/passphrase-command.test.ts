/** `countersign passphrase change` on the folders of a node and of wallets, as an operator has them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { KeyRing } from "../../src/storage/key-ring.ts";
import { loadPassphrase } from "../../src/storage/passphrase.ts";
import { openStore } from "../../src/storage/store-factory.ts";
import { freePort } from "../support/free-ports.ts";
import { countersignHere } from "./in-process.ts";

let home: string;
const at = (...path: string[]) => join(home, ...path);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "countersign-passphrase-change-"));
  const port = await freePort(4);
  for (const [place, node] of ["alpha", "bravo"].entries()) {
    const peer = `127.0.0.1:${port + place}`;
    const client = `127.0.0.1:${port + 2 + place}`;
    const addresses = ["--peer-address", peer, "--client-address", client];
    await must(["keygen", "--node", node, ...addresses, "--out", at(node)]);
  }
  const members = [at("alpha", "member.json"), at("bravo", "member.json")];
  await must(["genesis", "compose", ...members, "--issuers", "alpha", "--out", at("genesis.json")]);
  await must(["init", at("alpha"), "--genesis", at("genesis.json")]);
});
afterAll(() => {
  rmSync(home, { recursive: true });
});

async function must(args: readonly string[]): Promise<string> {
  const { code, out, error } = await countersignHere(args);
  expect({ code, error }, args.join(" ")).toEqual({ code: 0, error: "" });
  return out;
}

async function opens(folder: string, passphraseFile: string): Promise<boolean> {
  const ring = KeyRing.forReading(folder, await loadPassphrase(passphraseFile));
  const names = await ring.list();
  const tried = names.map((name) =>
    ring.tryKey(name).then(
      () => true,
      () => false,
    ),
  );
  const all = await Promise.all(tried);
  await ring.close();
  return all.length > 0 && all.every((one) => one);
}

it("changes all keys of a stopped node, and says what to name from then on", async () => {
  writeFileSync(at("new"), "another phrase\n", { mode: 0o600 });
  const config = ["--config", at("alpha", "config.json")];
  const out = await must(["passphrase", "change", ...config, "--to", at("new")]);
  expect(out).toMatch(
    /^2 keys in .*keys have the new passphrase\.\nName the source .*"passphraseFile"/,
  );
  expect(await opens(at("alpha", "data", "keys"), at("new"))).toBe(true);
  expect(await opens(at("alpha", "data", "keys"), at("alpha", "passphrase"))).toBe(false);
  const again = await countersignHere(["passphrase", "change", ...config, "--to", at("new")]);
  expect(again).toMatchObject({ code: 1, error: expect.stringMatching(/does not open with this/) });
});

it("refuses the folder of a running node, and changes nothing", async () => {
  writeFileSync(at("third"), "a third phrase\n", { mode: 0o600 });
  const networkId = networkIdOf(sha256, loadGenesis(at("genesis.json")));
  const location = at("alpha", "data", "store");
  const store = await openStore({ engine: "level", location, identity: { networkId } });
  const config = ["--config", at("alpha", "config.json"), "--from", at("new")];
  const refused = await countersignHere(["passphrase", "change", ...config, "--to", at("third")]);
  expect(refused).toMatchObject({
    code: 1,
    out: "",
    error: expect.stringMatching(/another process/),
  });
  await store.close();
  expect(await opens(at("alpha", "data", "keys"), at("new"))).toBe(true);
});

it("changes the keys of wallets, from the passphrase that is kept beside them", async () => {
  const wallets = at("wallets");
  // No node runs: the key is stored before any node is called.
  const network = ["--genesis", at("genesis.json"), "--wallets", wallets];
  await countersignHere(["wallet", "create", ...network]);
  writeFileSync(at("mine"), "my own phrase\n", { mode: 0o600 });
  await must(["passphrase", "change", "--wallets", wallets, "--to", at("mine")]);
  expect(await opens(join(wallets, "keys"), at("mine"))).toBe(true);
  expect(await opens(join(wallets, "keys"), join(wallets, "passphrase"))).toBe(false);
});

it("takes the new one from the environment, and refuses the one that the keys have", async () => {
  process.env["TEST_NEW_PASSPHRASE"] = "my own phrase";
  const change = ["passphrase", "change", "--wallets", at("wallets"), "--from", at("mine")];
  expect(await countersignHere([...change, "--to", "env:TEST_NEW_PASSPHRASE"])).toMatchObject({
    code: 1,
    error: expect.stringMatching(/the new passphrase is the old one/),
  });
});
