/**
 * Goal: a backup that was taken under load brings a node back in another folder, and payments go on; a backup that is used
 * wrongly is refused with the reason; an end of the process at any moment leaves nothing half-made. Method: real processes,
 * the real command line, age keys, payments all the while, kills at random moments.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { countersign } from "../cli/countersign.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { COUNTERSIGN, GuardedProcess } from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";
import { compareNodes } from "./agreement.ts";

const VICTIM = 3;
const GATEWAY = 0;
const POLL = { timeout: 120_000 };
const KILLS = sweep({ share: 4, all: 12 });

let network: Devnet;
let wallets: string[] = [];
let home: string;
let identityFile: string;
let recipient: string;

beforeAll(async () => {
  network = await Devnet.start(await newPlace());
  home = network.place.home;
  wallets = [await createWallet(1_000_000n), await createWallet(0n)];
  await network.untilLinked();
  const identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  identityFile = join(home, "identity.txt");
  writeFileSync(identityFile, `# of this test\n${identity}\n`, { mode: 0o600 });
});

afterAll(async () => {
  await network.stop();
  await leavePlace(network.place);
});

async function createWallet(initialBalance: bigint): Promise<string> {
  const { wallet } = await network.calls(GATEWAY).walletCreation({ initialBalance });
  return wallet?.id ?? "";
}

async function pay(): Promise<void> {
  const [from = "", to = ""] = wallets;
  await network.calls(GATEWAY).transaction({ transaction: { from, to, amount: 1n } });
}

/** Pays all the while; `stop` gives the number of payments that were acknowledged. */
function payOn(): { readonly stop: () => Promise<number> } {
  let isOn = true;
  const lane = async () => {
    let paid = 0;
    for (; isOn; paid++) await pay();
    return paid;
  };
  const lanes = Array.from({ length: 8 }, lane);
  return {
    stop: async () => {
      isOn = false;
      return (await Promise.all(lanes)).reduce((sum, paid) => sum + paid, 0);
    },
  };
}

async function balance(): Promise<bigint> {
  const { wallet } = await network.calls(GATEWAY).getWallet({ id: wallets[1] ?? "" });
  return BigInt(wallet?.balance ?? 0);
}

const configOf = (index: number) => network.node(index).configFile;
const dataOf = (index: number) => join(network.node(index).folder, "data");
const backUp = (out: string, index = VICTIM, ...keys: string[]) =>
  countersign([
    ...["backup", "--config", configOf(index), "--out", out, "--rate", "1000"],
    ...(keys.length === 0 ? ["--recipient", recipient] : keys),
  ]);
const restore = (from: string, config: string, ...keys: string[]) =>
  countersign([
    ...["restore", from, "--config", config],
    ...(keys.length === 0 ? ["--identity", identityFile] : keys),
  ]);

/** A configuration like the victim's, with these fields changed. */
function variant(name: string, changes: Readonly<Record<string, string>>): string {
  const given: unknown = JSON.parse(readFileSync(configOf(VICTIM), "utf8"));
  const file = join(network.node(VICTIM).folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ ...(given as object), ...changes }));
  return file;
}

/** No node keeps a proof of another's fault. */
async function expectNoEvidence(): Promise<void> {
  for (const index of network.nodes.keys()) {
    const { code, out, error } = await countersign([
      ...["evidence", "list", "--config", configOf(index), "--json"],
    ]);
    expect({ code, error, records: JSON.parse(out) }).toEqual({ code: 0, error: "", records: [] });
  }
}

describe("a backup of a running node, taken under load", () => {
  const taken = () => join(home, "backups", "one");
  let paid = 0n;

  it("is complete, names its node and its height, and is private", async () => {
    await expect
      .poll(async () => (await network.calls(VICTIM).getStatus({})).keyFinal, POLL)
      .toBe(true);
    const load = payOn();
    await expect.poll(balance, POLL).toBeGreaterThan(30n);
    const { code, out, error } = await backUp(taken());
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(/node {8}node4\n.*\n.*height {6}\d+, 20.*\nkeys {8}encrypted to a recip/s);
    paid += BigInt(await load.stop());
    const manifest = JSON.parse(readFileSync(join(taken(), "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ countersign: "backup", nodeId: "node4", nodeIndex: 3 });
    expect(manifest.height).toBeGreaterThan(0);
    expect((await countersign(["backup", "verify", taken()])).code).toBe(0);
    expect(readFileSync(join(taken(), "keys.age"), "latin1")).toMatch(/^age-encryption\.org\/v1/);
  });

  it("is not restored while the node runs, nor over its data", async () => {
    const running = await restore(taken(), configOf(VICTIM));
    expect(running.code).toBe(EXIT.failed);
    expect(running.error).toMatch(/a node runs with .*; a running node needs no restore/);
    const over = await restore(
      taken(),
      variant("over", { operatorListen: "unix:other.sock", data: dataOf(GATEWAY) }),
    );
    expect(over.code).toBe(EXIT.failed);
    expect(over.error).toMatch(/where something is already, and a restore overwrites nothing/);
  });

  it("becomes a folder that passes check, and that says nothing before rejoin", async () => {
    // What it says after the backup is what it must not contradict.
    const load = payOn();
    await expect.poll(balance, POLL).toBeGreaterThan(paid + 60n);
    await network.kill(VICTIM);
    renameSync(dataOf(VICTIM), `${dataOf(VICTIM)}.lost`);
    writeFileSync(configOf(VICTIM), readFileSync(variant("moved", { data: "elsewhere/data" })));
    const { code, out, error } = await restore(taken(), configOf(VICTIM));
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(/stands at height \d+, as the backup\..*countersign rejoin --config/s);
    paid += BigInt(await load.stop());

    const checked = await countersign(["check", "--config", configOf(VICTIM)]);
    expect(checked.error).toBe("");
    expect(checked.out).toMatch(/^sound: \d+ blocks.*journal {5}0 records/s);
    const started = await countersign(["node", "--config", configOf(VICTIM)]);
    expect(started.code).toBe(EXIT.amnesiac);
    expect(`${started.out}${started.error}`).toMatch(
      /countersign restore wrote.*countersign rejoin/s,
    );
  });

  it("R28: rejoins and votes again; no payment is lost, and no vote contradicts another", async () => {
    const load = payOn();
    const { code, error, out } = await countersign(["rejoin", "--config", configOf(VICTIM)]);
    expect(`${code} ${error}`).toMatch(/^0 /);
    expect(out).toMatch(/casts no vote before view \d+/);
    await network.restart(VICTIM);
    await network.untilLinked();
    const at = await balance();
    await expect.poll(balance, POLL).toBeGreaterThan(at + 20n);
    paid += BigInt(await load.stop());
    // With another node down, no payment settles without the restored one.
    await network.kill(1);
    await pay();
    paid += 1n;
    await network.restart(1);
    await network.untilLinked();
    const agreed = await compareNodes(network, wallets);
    expect([agreed.tips.size, agreed.wallets.size]).toEqual([1, 1]);
    expect(await balance()).toBe(paid);
    await expectNoEvidence();
  });

  it("is refused wherever it does not belong, and nothing is made", async () => {
    const target = join(home, "never", "data");
    const file = variant("target", { data: target, operatorListen: "unix:other.sock" });
    const refused = async (message: RegExp, ...args: Parameters<typeof restore>) => {
      const { code, error } = await restore(...args);
      expect(error).toMatch(message);
      expect(code).not.toBe(0);
      expect(existsSync(target)).toBe(false);
    };
    await refused(/holds no backup \(there is no manifest/, home, file);
    await refused(/is a backup of node4, and .* is of node1/, taken(), configOfOther(target));
    const { genesis, keys } = await otherNetwork();
    await refused(/is a backup of network [0-9a-f]{64}, not of/, taken(), genesis);
    const others = join(dataOf(GATEWAY), "keys");
    await refused(/keys|passphrase/, taken(), file, "--keys", others);
    await refused(
      /does not open with this passphrase/,
      taken(),
      variant("passphrase", {
        ...{ data: target, operatorListen: "unix:other.sock", passphraseFile: keys },
      }),
    );
    const stranger = join(home, "stranger.txt");
    writeFileSync(stranger, `${await generateX25519Identity()}\n`, { mode: 0o600 });
    await refused(/does not open the keys of this backup/, taken(), file, "--identity", stranger);
    writeFileSync(stranger, "", { mode: 0o644 });
    rmSync(stranger);
    writeFileSync(stranger, "AGE-SECRET-KEY-1", { mode: 0o644 });
    await refused(/can be read by others/, taken(), file, "--identity", stranger);
  });

  it("is refused if it is damaged, cut short or of a newer version, by name", async () => {
    const target = join(home, "never", "data");
    const file = variant("target", { data: target, operatorListen: "unix:other.sock" });
    const records = join(taken(), "records-00001.bin");
    const manifest = join(taken(), "manifest.json");
    const whole = { records: readFileSync(records), manifest: readFileSync(manifest, "utf8") };
    const cases: [RegExp, () => void][] = [
      [
        /records-00001\.bin does not match its checksum|checksum/,
        () => {
          const bytes = Buffer.from(whole.records);
          bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
          writeFileSync(records, bytes);
        },
      ],
      [
        /cut short|has \d+ of \d+ bytes/,
        () => writeFileSync(records, whole.records.subarray(0, -9)),
      ],
      [/records-00001\.bin is missing/, () => rmSync(records)],
      [/manifest\.json is damaged/, () => writeFileSync(manifest, whole.manifest.slice(0, -30))],
      [
        /newer version \(layout 99, this one knows \d+\)/,
        () => writeFileSync(manifest, whole.manifest.replace(/"layout": \d+/, '"layout": 99')),
      ],
      [
        /newer version \(form 2 of backups, this one knows 1\)/,
        () => writeFileSync(manifest, whole.manifest.replace('"version": 1', '"version": 2')),
      ],
      [
        /its records are not those of its manifest/,
        () => writeFileSync(manifest, whole.manifest.replace(/"height": \d+/, '"height": 1')),
      ],
    ];
    for (const [message, damage] of cases) {
      damage();
      const { code, error } = await restore(taken(), file);
      writeFileSync(records, whole.records);
      writeFileSync(manifest, whole.manifest);
      expect(error).toMatch(message);
      expect({ code, made: existsSync(target) }).toEqual({ code: EXIT.failed, made: false });
    }
  });
});

describe("a process that is killed at a random moment", () => {
  const seed = Date.now();

  it("leaves no backup, or a whole one", async () => {
    for (let run = 0; run < KILLS; run++) {
      const out = join(home, "killed", "backup");
      const child = new GuardedProcess([
        ...[...COUNTERSIGN, "backup", "--config", configOf(VICTIM), "--out", out],
        ...["--recipient", recipient, "--rate", "1000"],
      ]);
      await killedAfter(child, (seed * (run + 1)) % 1_500);
      if (existsSync(out)) {
        expect((await countersign(["backup", "verify", out])).code, `seed ${seed}`).toBe(0);
        rmSync(out, { recursive: true });
      }
    }
    // The node ends the backup of a killed process by itself; until then it says so.
    await expect
      .poll(async () => (await backUp(join(home, "killed", "backup"))).code, POLL)
      .toBe(0);
    expect(readdirSync(join(home, "killed"))).toEqual(["backup"]);
  });

  it("leaves no data folder, or a whole one", async () => {
    const target = join(home, "restored", "data");
    const file = variant("restored", { data: target, operatorListen: "unix:other.sock" });
    const from = join(home, "killed", "backup");
    for (let run = 0; run < KILLS; run++) {
      const child = new GuardedProcess([
        ...[...COUNTERSIGN, "restore", from, "--config", file, "--identity", identityFile],
      ]);
      await killedAfter(child, (seed * (run + 1)) % 2_500);
      if (!existsSync(target)) continue;
      const { code, error } = await countersign(["check", "--config", file]);
      expect({ code, error }, `seed ${seed}`).toEqual({ code: 0, error: "" });
      rmSync(target, { recursive: true });
    }
    expect((await restore(from, file)).code).toBe(0);
    expect(readdirSync(dirname(target))).toEqual(["data"]);
  });
});

describe("a backup of a stopped node", () => {
  it("with its keys apart brings the node back", async () => {
    await network.kill(VICTIM);
    const out = join(home, "stopped");
    const keys = join(home, "stopped-keys");
    expect((await backUp(out, VICTIM, "--keys-to", keys)).code).toBe(0);
    expect(existsSync(join(out, "keys.age"))).toBe(false);
    rmSync(join(network.node(VICTIM).folder, "elsewhere"), { recursive: true });
    expect((await restore(out, configOf(VICTIM), "--keys", keys)).code).toBe(0);
    expect((await countersign(["rejoin", "--config", configOf(VICTIM)])).code).toBe(0);
    await network.restart(VICTIM);
    await network.untilLinked();
    await pay();
    await expectNoEvidence();
  });
});

async function killedAfter(child: GuardedProcess, ms: number): Promise<void> {
  const kill = setTimeout(() => child.signal("SIGKILL"), ms);
  await child.ended;
  clearTimeout(kill);
}

function configOfOther(target: string): string {
  const given: unknown = JSON.parse(readFileSync(configOf(GATEWAY), "utf8"));
  const file = join(network.node(GATEWAY).folder, "other-target.json");
  const changes = { data: target, operatorListen: "unix:other.sock" };
  writeFileSync(file, JSON.stringify({ ...(given as object), ...changes }));
  return file;
}

/** The victim's configuration with the genesis of another network that has a member of the same name, and a foreign passphrase. */
async function otherNetwork(): Promise<{ genesis: string; keys: string }> {
  const folder = join(home, "other");
  await mkdir(folder);
  const must = async (...args: string[]) => {
    expect(await countersign(args)).toMatchObject({ error: "", code: 0 });
  };
  const members = ["node1", "node2", "node3", "node4"].map((node) => join(folder, node));
  for (const [place, member] of members.entries()) {
    await must(
      ...["keygen", "--node", `node${place + 1}`, "--out", member],
      ...["--peer-address", `127.0.0.1:${60_001 + place}`],
      ...["--client-address", `127.0.0.1:${60_011 + place}`],
    );
  }
  const genesis = join(folder, "genesis.json");
  const files = members.map((member) => join(member, "member.json"));
  await must("genesis", "compose", ...files, "--issuers", "node4", "--out", genesis);
  const changes = { genesis, data: join(home, "never", "data"), operatorListen: "unix:o.sock" };
  const passphrase = join(folder, "passphrase");
  writeFileSync(passphrase, "another\n", { mode: 0o600 });
  return { genesis: variant("other-network", changes), keys: passphrase };
}
