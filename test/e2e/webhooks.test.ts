/**
 * Goal: a receiver that does what docs/webhooks.md says misses nothing and repeats nothing, however it and its node die. Method: real
 * nodes, the page's own receiver as a process with TLS and a database on disk, and endpoints added by the command line. While
 * payments run, the receiver is killed at random instants, 200 times (25 in a share), and its node six times. The events in
 * its database are compared with the history of another node. KILL_SEED repeats the draws.
 */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { withOperator } from "../../src/cli/operator-access.ts";
import { statement } from "../../src/client/lists.ts";
import { history } from "../../src/client/whole-ledger.ts";
import { countersign } from "../cli/countersign.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { freePort } from "../support/free-ports.ts";
import { GuardedProcess, ROOT } from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";
import { untilSameHeight } from "./agreement.ts";

const SEED = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);
const KILLS = sweep({ share: 25, all: 200 });
const NODE_KILLS = 6;
/** Payments under way. */
const AT_ONCE = 20;
const READY_MS = 60_000;
/** Longer than what is left takes when all kills are over, on a busy machine. */
const REST = { timeout: 120_000, interval: 200 };
const { DatabaseSync } = process.getBuiltinModule("node:sqlite");

let place: DevnetPlace;
let net: Devnet;

beforeAll(async () => {
  place = await newPlace();
  net = await Devnet.start(place);
  await net.untilLinked();
});

afterAll(async () => {
  await net.stop();
  await leavePlace(place);
});

const fileOf = (name: string) => join(place.home, name);

/** The program of the page, with its own endpoint of node 1. */
class Receiver {
  readonly name: string;
  readonly #port: number;
  #process: GuardedProcess | undefined;

  private constructor(name: string, port: number) {
    this.name = name;
    this.#port = port;
  }

  static async open(name: string, ...terms: readonly string[]): Promise<Receiver> {
    const receiver = new Receiver(name, await freePort(1));
    const url = `https://127.0.0.1:${receiver.#port}/payments`;
    const added = await countersign([
      ...["webhook", "add", url, "--name", name, "--private", "--from-height", "0"],
      ...["--authority", net.caFile, "--config", net.node(0).configFile, ...terms],
    ]);
    expect(added.code, added.error).toBe(0);
    writeFileSync(fileOf(`${name}.secret`), added.out, { mode: 0o600 });
    await receiver.start();
    return receiver;
  }

  async start(): Promise<void> {
    const { folder } = net.node(0);
    const tls = ["tls-certificate.pem", "tls-key.pem"].map((file) => join(folder, file));
    const files = [fileOf(`${this.name}.secret`), ...tls, this.#database];
    const child = new GuardedProcess([
      ...[process.execPath, "--no-warnings", fileOf("receiver.mjs")],
      ...[...files, `${this.#port}`],
    ]);
    this.#process = child;
    await child.until(() => child.stdout.includes("ready"), READY_MS);
  }

  /** Ends the wait for the next attempt, if the node runs. */
  async hurry(): Promise<void> {
    await withOperator("test", net.node(0).configFile, (calls) =>
      calls.redeliverWebhook({ name: this.name }),
    ).catch(() => undefined);
  }

  /** No handler of it runs. */
  async kill(): Promise<void> {
    await this.#process?.destroy();
  }

  /** Places of the events in its database, in the order in which they were stored. */
  get events(): string[] {
    const database = new DatabaseSync(this.#database, { readOnly: true });
    const rows = database.prepare("SELECT event FROM events ORDER BY number").all();
    database.close();
    return rows.map(({ event }) => {
      const { entry, transaction } = JSON.parse(String(event));
      const { height = "0", index = 0 } = entry ?? transaction;
      return `${height}.${index}`;
    });
  }

  get #database(): string {
    return fileOf(`${this.name}.sqlite`);
  }
}

/** Payments between two wallets by node 2, until it is told to stop. */
async function payUntil(isOver: () => boolean, wallets: readonly string[]): Promise<number> {
  let payments = 0;
  while (!isOver()) {
    const [from = "", to = ""] = wallets;
    const batch = Array.from({ length: AT_ONCE }, (_, i) => BigInt(i + 1)).map((amount) =>
      net.calls(1).transaction({ transaction: { from, to, amount }, wait: Wait.FINAL }),
    );
    await Promise.all(batch);
    payments += batch.length;
  }
  return payments;
}

async function placesOf(items: AsyncIterable<{ height: bigint; index: number }>) {
  const places: string[] = [];
  for await (const { height, index } of items) places.push(`${height}.${index}`);
  return places;
}

it(`${KILLS} kills of receivers and ${NODE_KILLS} of their node: no event is missed or repeated (KILL_SEED=${SEED})`, async () => {
  const page = readFileSync(join(ROOT, "docs", "webhooks.md"), "utf8");
  const [, code] = /<!-- webhooks-test: receiver -->\n```js\n([\s\S]*?)```/.exec(page) ?? [];
  writeFileSync(fileOf("receiver.mjs"), code ?? expect.fail("the page has a receiver"));
  symlinkSync(join(ROOT, "node_modules"), fileOf("node_modules"));
  const random = new Random(SEED);
  const open = () => net.calls(1).walletCreation({ initialBalance: 1_000_000n, wait: Wait.FINAL });
  const wallets = [(await open()).wallet?.id ?? "", (await open()).wallet?.id ?? ""];
  const [hot = ""] = wallets;
  await expect.poll(() => net.calls(0).getWallet({ id: hot }), REST).toBeDefined();
  const all = await Receiver.open("all");
  const one = await Receiver.open("one", "--wallet", hot);
  let kills = 0;
  const paying = payUntil(() => kills >= KILLS, wallets);
  const nodes = (async () => {
    for (let kill = 1; kill <= NODE_KILLS; kill++) {
      while (kills < (KILLS * kill) / (NODE_KILLS + 1)) await pause(20);
      await net.kill(0);
      await net.restart(0);
    }
  })();
  const receivers = [all, one].map(async (receiver) => {
    while (kills < KILLS) {
      // Within the deliveries that begin then, or before them.
      await receiver.hurry();
      await pause(random.between(0, 60));
      await receiver.kill();
      kills += 1;
      await receiver.start();
    }
  });
  const work = [paying, nodes, ...receivers] as const;
  for (const one of work) {
    one.catch(() => {
      kills = KILLS;
    });
  }
  // All of it, if a part fails too: no node may start while the network is taken down.
  await Promise.allSettled(work);
  const [payments] = await Promise.all(work);
  // A wait may be of some minutes, after so many failures.
  for (const { name } of [all, one]) {
    const command = ["webhook", "redeliver", name, "--config", net.node(0).configFile];
    expect((await countersign(command)).code).toBe(0);
  }
  await untilSameHeight(net);
  const wantedOfAll = await placesOf(history(net.calls(2), { oldestFirst: true }));
  const wantedOfOne = await placesOf(statement(net.calls(2), { walletId: hot, oldestFirst: true }));
  expect(wantedOfAll.length).toBeGreaterThanOrEqual(payments);
  await expect.poll(() => all.events.length, REST).toBeGreaterThanOrEqual(wantedOfAll.length);
  await expect.poll(() => one.events.length, REST).toBeGreaterThanOrEqual(wantedOfOne.length);
  expect(all.events).toEqual(wantedOfAll);
  expect(one.events).toEqual(wantedOfOne);
  console.log(`${kills} kills, ${payments} payments, ${all.events.length} events`);
  for (const receiver of [all, one]) await receiver.kill();
  const log = net.logs;
  for (const { name } of [all, one]) {
    const secret = readFileSync(fileOf(`${name}.secret`), "utf8").trim();
    expect(log).not.toContain(secret.slice("whsec_".length));
  }
});
