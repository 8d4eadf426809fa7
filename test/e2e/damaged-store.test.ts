/**
 * Goal: a node notices a damaged store at its start, names the damage, never serves it, and fetches the data from its
 * peers. Method: the files of a real node, flipped and cut while it is down.
 */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { openDataFolder } from "../../src/storage/data-folder.ts";
import { openStore } from "../../src/storage/store-factory.ts";
import { countersign } from "../cli/countersign.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { compareNodes } from "./agreement.ts";

const VICTIM = 3;
let network: Devnet;
let wallets: string[] = [];

beforeAll(async () => {
  network = await Devnet.start(await newPlace());
  const { walletCreation } = network.calls(0);
  const made = [await walletCreation({ initialBalance: 1_000n }), await walletCreation({})];
  wallets = made.map(({ wallet }) => wallet?.id ?? "");
});
afterAll(async () => {
  await network.stop();
  await leavePlace(network.place);
});

async function pay(payments: number): Promise<void> {
  const [from = "", to = ""] = wallets;
  for (let i = 0; i < payments; i++) {
    await network.calls(0).transaction({ transaction: { from, to, amount: 1n } });
  }
}

const store = () => join(network.node(VICTIM).folder, "data", "store");
const config = () => ["--config", network.node(VICTIM).configFile];

/** LevelDB keeps what is new in its log (.log), and the rest in tables (.ldb). */
function largest(ending: string): string {
  const files = readdirSync(store())
    .filter((file) => file.endsWith(ending))
    .map((file) => join(store(), file));
  const [first] = files.toSorted((left, right) => statSync(right).size - statSync(left).size);
  return first ?? expect.fail(`a store has a file ${ending}`);
}

function flipBit(file: string, at: number): void {
  const handle = openSync(file, "r+");
  const byte = new Uint8Array(1);
  readSync(handle, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(handle, byte, 0, 1, at);
  closeSync(handle);
}

async function expectBackByRejoin(): Promise<void> {
  renameSync(store(), `${store()}.damaged-${Date.now()}`);
  expect(await countersign(["rejoin", ...config()])).toMatchObject({ code: EXIT.ok });
  await network.restart(VICTIM);
  await pay(4);
  const { tips, wallets: balances } = await compareNodes(network, wallets);
  expect(tips.size).toBe(1);
  expect(balances.size).toBe(1);
}

describe("countersign check", () => {
  it("does not look at a store that is in use", async () => {
    const { code, error } = await countersign(["check", ...config()]);
    expect(error).toMatch(/in use by another process; stop the node/);
    expect(code).toBe(EXIT.failed);
  });

  it("finds a stopped node's store sound, with what the network says of itself", async () => {
    await pay(3);
    const [tip = ""] = (await compareNodes(network, wallets)).tips;
    await network.kill(VICTIM);
    const { code, out } = await countersign(["check", ...config(), "--json"]);
    expect(code).toBe(EXIT.ok);
    const { kind, height, wallets: count, supply, stateRoot } = JSON.parse(out);
    expect({ kind, count, supply }).toMatchObject({
      kind: "sound",
      count: 2,
      supply: { EUR: "1000" },
    });
    const { folder } = network.node(VICTIM);
    const own = ["--data", join(folder, "data"), "--genesis", network.genesisFile];
    expect(await countersign(["check", ...own, "--json"])).toMatchObject({ code: EXIT.ok, out });
    expect(await countersign(["check", ...own, ...config()])).toMatchObject({ code: EXIT.usage });
    expect(await countersign(["check", ...own.slice(0, 2)])).toMatchObject({ code: EXIT.usage });
    // An empty block may have followed meanwhile (R8).
    expect(height).toBeGreaterThanOrEqual(Number.parseInt(tip, 10));
    const { block } = await network.calls(0).getBlock({ height: BigInt(height) });
    expect(Buffer.from(block?.header?.stateRoot ?? []).toString("hex")).toBe(stateRoot);
  });
});

describe("flipped bits in the store's tables", () => {
  it("are named by the check and by the node, which does not start, and peers give everything again", async () => {
    const table = largest(".ldb");
    for (let at = 100; at < statSync(table).size; at += 4096) flipBit(table, at);
    const checked = await countersign(["check", ...config()]);
    expect(checked.error).toMatch(
      /does not match its checksum|cannot be read|not what was written|missing from the store|(header|body) is missing/,
    );
    expect(checked.error).toMatch(/countersign rejoin/);
    expect(checked.code).toBe(EXIT.failed);
    const started = await countersign(["node", ...config()]);
    expect(started.error).toMatch(/countersign rejoin/);
    expect(started.code).toBe(EXIT.failed);
    await expectBackByRejoin();
  });
});

describe("a journal record of other bytes than the node wrote, with a right checksum", () => {
  it("is named by the node, which does not start, with its store and the remedy", async () => {
    await network.kill(VICTIM);
    const { networkId } = await openDataFolder(join(network.node(VICTIM).folder, "data"));
    const place = { engine: "level", location: store(), identity: { networkId } } as const;
    // The lock of a process that was killed goes when its last thread is gone.
    const opened = await vi.waitFor(() => openStore(place), { timeout: 30_000 });
    const record = await opened.journal.append([utf8("not a record of the journal")]);
    await opened.close();
    const { code, error } = await countersign(["node", ...config()]);
    expect(error).toContain(`journal record ${record}: it cannot be decoded`);
    expect(error).toContain(`move the store folder ${store()} away and run countersign rejoin`);
    expect(error).not.toMatch(/Invariant|at .*\.ts/);
    expect(code).toBe(EXIT.failed);
    const checked = await countersign(["check", ...config()]);
    expect(checked.error).toContain(`journal record ${record} cannot be decoded`);
    await expectBackByRejoin();
  });
});

describe("a store that lost its end", () => {
  it("is whole by itself, but what the peers remember keeps the node silent, until it rejoins", async () => {
    // With another node down, no payment settles without its vote; other nodes have seen all that it loses.
    await network.kill(1);
    await pay(3);
    await network.kill(VICTIM);
    await network.restart(1);
    const file = largest(".log");
    truncateSync(file, Math.floor(statSync(file).size / 2));
    expect(await countersign(["check", ...config()])).toMatchObject({ code: EXIT.ok });
    const { code, error } = await countersign(["node", ...config()]);
    expect(error).toMatch(/proves of node4/);
    expect(code).toBe(EXIT.amnesiac);
    await expectBackByRejoin();
  });
});

describe("a damaged key file", () => {
  it.each(["identity", "custody", "signing-share"])(
    "%s stops the node, which names the file",
    async (key) => {
      await network.kill(VICTIM);
      const file = join(network.node(VICTIM).folder, "data", "keys", `${key}.key.json`);
      const whole = readFileSync(file);
      flipBit(file, whole.lastIndexOf('"') - 10);
      const { code, error } = await countersign(["node", ...config()]);
      expect(error).toContain(file);
      expect(error).toMatch(/restore (the file|it)/);
      expect(code).toBe(EXIT.failed);
      writeFileSync(file, whole);
      await network.restart(VICTIM);
    },
  );
});
