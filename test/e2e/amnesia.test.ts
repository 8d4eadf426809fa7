/**
 * Goal: a node whose journal is lost, set back or used twice never votes from it; its operator is told what to do,
 * and after `countersign rejoin` the node takes part again. Method: real processes on real folders, which are copied,
 * put back and removed as an operator might do it at night.
 */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { freePort } from "../support/free-ports.ts";
import { COUNTERSIGN, type Ended, GuardedProcess } from "../support/guarded-process.ts";
import { compareNodes } from "./agreement.ts";

const VICTIM = 3;
const GATEWAY = 0;
/** Ends what hangs: a command may wait 15 s for peers, and takes ten times its time on a busy machine. */
const END_MS = 240_000;

let network: Devnet;
let wallets: string[] = [];

beforeAll(async () => {
  network = await Devnet.start(await newPlace());
  wallets = [await createWallet(1_000n), await createWallet(0n)];
});

afterAll(async () => {
  await network.stop();
  await leavePlace(network.place);
});

async function createWallet(initialBalance: bigint): Promise<string> {
  const { wallet } = await network.calls(GATEWAY).walletCreation({ initialBalance });
  return wallet?.id ?? "";
}

/** One after the other, so that each takes a view or more. */
async function pay(payments: number): Promise<void> {
  const [from = "", to = ""] = wallets;
  for (let i = 0; i < payments; i++) {
    await network.calls(GATEWAY).transaction({ transaction: { from, to, amount: 1n } });
  }
}

function data(): string {
  return join(network.node(VICTIM).folder, "data");
}

async function run(...args: string[]): Promise<Ended & { output: string }> {
  const child = new GuardedProcess([...COUNTERSIGN, ...args]);
  const limit = setTimeout(() => child.signal("SIGKILL"), END_MS);
  const ended = await child.ended;
  clearTimeout(limit);
  return { ...ended, output: child.output };
}

const startVictim = () => run("node", "--config", network.node(VICTIM).configFile);
const rejoin = (...more: string[]) =>
  run("rejoin", "--config", network.node(VICTIM).configFile, ...more);

/** The node votes: with another node down, no payment settles without it. */
async function expectToVote(): Promise<void> {
  await network.untilLinked();
  await network.kill(1);
  await pay(1);
  await network.restart(1);
  const { tips, wallets: balances } = await compareNodes(network, wallets);
  expect(tips.size).toBe(1);
  expect(balances.size).toBe(1);
}

describe("a node that is sound", () => {
  it("is not let rejoin", async () => {
    await network.kill(VICTIM);
    const { code, output } = await rejoin();
    expect(code).toBe(EXIT.failed);
    expect(output).toMatch(/nothing shows that this node's journal lacks anything; start it/);
    await network.restart(VICTIM);
    await expectToVote();
  });
});

describe("a node whose folder was put back from an older copy", () => {
  it("stops at its start with what is wrong and what to do", async () => {
    await network.kill(VICTIM);
    cpSync(data(), `${data()}.copy`, { recursive: true });
    await network.restart(VICTIM);
    await pay(3);
    await network.kill(VICTIM);
    rmSync(data(), { recursive: true });
    renameSync(`${data()}.copy`, data());

    const { code, output } = await startVictim();
    expect(code).toBe(EXIT.amnesiac);
    expect(output).toMatch(/node\d proves of node4: .*; it must not vote.*countersign rejoin/s);
  });

  it("A3: stays stopped by the verdict on its disk, and nothing was said", async () => {
    const { code, output } = await startVictim();
    expect(code).toBe(EXIT.amnesiac);
    expect(output).toMatch(/an earlier start found/);
    await pay(1);
  });

  it("is told when too few peers answer, and nothing is changed", async () => {
    await network.kill(1);
    const { code, output } = await rejoin("--wait", "15");
    expect(code).toBe(EXIT.failed);
    expect(output).toMatch(/2 of the 3 other nodes that are needed have answered/);
    await network.restart(1);
    expect((await startVictim()).code).toBe(EXIT.amnesiac);
  });

  it("takes part again after rejoin, once the network has left the views it may have voted in", async () => {
    const { code, output } = await rejoin();
    expect(output).toMatch(/casts no vote before view \d+/);
    expect(code).toBe(EXIT.ok);
    await network.restart(VICTIM);
    await pay(4);
    await expectToVote();
  });
});

describe("a node whose store is gone", () => {
  it("does not start as if it were new", async () => {
    await network.kill(VICTIM);
    rmSync(join(data(), "store"), { recursive: true });
    const { code, output } = await startVictim();
    expect(code).toBe(EXIT.failed);
    expect(output).toMatch(/store is missing or empty; .*rejoin/);
    expect(existsSync(join(data(), "store"))).toBe(false);
  });

  it("A4: rejoins with its keys alone, and has everything again", async () => {
    expect(await rejoin()).toMatchObject({ code: EXIT.ok });
    await network.restart(VICTIM);
    await network.untilLinked();
    const { firstView } = await network.calls(VICTIM).getStatus({});
    expect(firstView).toBeGreaterThan(1n);
    await network.kill(1);
    const { code, output } = await run("status", "--network", network.place.data);
    expect(output).toContain(`has rejoined, and does not vote before view ${firstView}`);
    expect(output).toContain("2 of 4 nodes are ready, 3 are a quorum");
    expect(code).toBe(EXIT.failed);
    await network.restart(1);
    await pay(4);
    await expectToVote();
    expect((await network.calls(VICTIM).getStatus({})).view).toBeGreaterThanOrEqual(firstView);
  });
});

describe("a second process on a copy of a running node's folder", () => {
  it("ends one of the two, and the network goes on", async () => {
    const { folder, configFile } = network.node(VICTIM);
    const copy = join(network.place.data, "copy");
    await network.kill(VICTIM);
    cpSync(folder, copy, { recursive: true });
    await network.restart(VICTIM);
    const port = await freePort(1);
    const config: unknown = JSON.parse(readFileSync(configFile, "utf8"));
    const other = {
      ...(config as Record<string, unknown>),
      data: join(copy, "data"),
      clientListen: `127.0.0.1:${port}`,
      peerListen: `127.0.0.1:${port + 100}`,
    };
    const otherFile = join(copy, "other.json");
    writeFileSync(otherFile, JSON.stringify(other));
    const twin = new GuardedProcess([...COUNTERSIGN, "node", "--config", otherFile]);
    await Promise.race([network.endOf(VICTIM), twin.ended]);
    const outputs = `${network.logs}${twin.output}`;
    expect(outputs).toMatch(
      /another process runs, or ran, on a copy of its journal|it was started \d+ times/,
    );
    await pay(2);
    twin.signal("SIGKILL");
    await twin.ended;
  });
});
