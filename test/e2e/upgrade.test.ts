/**
 * Goal: a network is updated node by node, forth and back, up to the height of new rules, while it pays all the time, and no
 * acknowledged payment is lost. Method: processes with TLS and disks. The older nodes are this software, limited to what it could
 * do before rulesets; and, where the history of the repository is there, the last revision that did not know cancellations.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { configFileOf, type DevnetFolder, openDevnetFolder } from "../../src/cli/devnet-folder.ts";
import { createGatewayClient, type GatewayClient } from "../../src/client/gateway-client.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { networkIdOf } from "../../src/ledger/genesis.ts";
import { entropy, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { amount } from "../../src/primitives/amount.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { COUNTERSIGN, type Ended, GuardedProcess, ROOT, run } from "../support/guarded-process.ts";
import { randomUuid } from "../support/operations.ts";

const LIMIT_MS = 120_000;
/** Between two payments of a payer: the claim needs payments at all times, not as many as the machine can. */
const PACE_MS = 100;
// Sixteen starts of a node, each waited for.
vi.setConfig({ testTimeout: 900_000 });
/** The last revision that cannot decode a cancellation, nor an activation. */
const REVISION = "828d552496d045f504319ed39b48709967cdcc57";
/** The ceremony makes a key however slowly a busy machine starts the nodes. */
const TIMINGS = { ceremonyTimeoutMs: 1_800_000 };

type Command = readonly string[];
const PRESENT: Command = [...COUNTERSIGN, "node", "--config"];
const OLDER_NODE = fileURLToPath(new URL("./older-node.ts", import.meta.url));
const LIMITED: Command = [...COUNTERSIGN.slice(0, -1), OLDER_NODE];

async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await look()) return;
    } catch (error) {
      last = error;
    }
    await pause(100);
  }
  throw new Error(`waited in vain for: ${what}`, { cause: last });
}

/** One node, as the software that runs it at the moment. */
class Member {
  readonly config: string;
  readonly client: GatewayClient;
  #process: GuardedProcess | undefined;

  constructor(folder: DevnetFolder, name: string, clientAddress: string) {
    this.config = configFileOf(folder, name);
    const ca = readFileSync(folder.caFile, "utf8");
    this.client = createGatewayClient({
      baseUrl: `https://${clientAddress}`,
      ca,
      timeoutMs: 30_000,
    });
  }

  start(command: Command, env: Record<string, string> = {}): void {
    this.#process = new GuardedProcess([...command, this.config], { env });
  }

  /** Ends it as an operator does. */
  async stop(): Promise<Ended | undefined> {
    this.#process?.signal("SIGTERM");
    return await this.#process?.ended;
  }

  /** Settles when it ends by itself. */
  get ended(): Promise<Ended> | undefined {
    return this.#process?.ended;
  }

  get output(): string {
    return this.#process?.output ?? "";
  }

  async isReady(): Promise<boolean> {
    const { ready, keyFinal, connectedPeers } = await this.client.calls.getStatus({});
    return ready && keyFinal && connectedPeers === 3;
  }

  async destroy(): Promise<void> {
    this.client.close();
    await this.#process?.destroy();
  }
}

/** Pays one unit after another, each id until a node has answered it, through the next node if one does not answer. */
class Load {
  readonly #members: readonly Member[];
  readonly #from: Wallet;
  readonly #to: string;
  readonly #done: Promise<unknown>;
  #isOver = false;
  acknowledged = 0;

  constructor(members: readonly Member[], from: Wallet, to: Wallet) {
    this.#members = members;
    this.#from = from;
    this.#to = to.id;
    this.#done = Promise.all([0, 1, 2, 3].map((first) => this.#pay(first)));
  }

  /** Settles when so many more payments have been acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged + count;
    await until(`${count} more payments`, () => this.acknowledged >= goal);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #pay(first: number): Promise<void> {
    for (let gateway = first; !this.#isOver; ) {
      const order = this.#from.transfer({
        id: randomUuid(),
        to: this.#to as Wallet["id"],
        asset: "EUR",
        amount: amount(1n),
        validUntil: Date.now() + 600_000,
      });
      for (;;) {
        try {
          await this.#members[gateway % 4]?.client.calls.transaction(order);
          break;
        } catch {
          gateway += 1;
          await pause(50);
        }
      }
      this.acknowledged += 1;
      await pause(PACE_MS);
    }
  }
}

let place: DevnetPlace | undefined;
let members: Member[] = [];
afterEach(async () => {
  await Promise.all(members.map((member) => member.destroy()));
  if (place !== undefined) await leavePlace(place);
  members = [];
  place = undefined;
});

interface World {
  readonly load: Load;
  readonly alice: Wallet;
  readonly bob: Wallet;
}

/** Four older nodes that pay. */
async function startOlder(older: Command): Promise<World> {
  const found = place ?? expect.fail("a test makes a place");
  const folder = await openDevnetFolder(
    { ...found, folder: found.data, fresh: false },
    { now: Date.now, timings: TIMINGS, rulesets: [] },
  );
  members = folder.validators.map(({ id, clientAddress }) => new Member(folder, id, clientAddress));
  for (const member of members) member.start(older);
  await allReady();
  const networkId = networkIdOf(sha256, loadGenesis(folder.genesisFile));
  const wallet = () =>
    new Wallet({
      networkId,
      hash: sha256,
      key: signingKeyOf(entropy(32)),
      creationId: randomUuid(),
    });
  const [alice, bob] = [wallet(), wallet()];
  for (const [one, initialBalance] of [
    [alice, 1_000_000n],
    [bob, 1n],
  ] as const) {
    const { publicKey, creationId } = one;
    await calls(0).walletCreation({ publicKey, creationId, initialBalance });
  }
  return { load: new Load(members, alice, bob), alice, bob };
}

const memberAt = (node: number): Member => members[node] ?? expect.fail(`no node ${node}`);
const calls = (node: number) => memberAt(node).client.calls;

async function allReady(): Promise<void> {
  await until("all nodes ready", async () =>
    (await Promise.all(members.map((member) => member.isReady()))).every(Boolean),
  );
}

/** Replaces the software of one node; payments go on before, while it is down, and after. */
async function replace(node: number, command: Command, load: Load): Promise<void> {
  await load.more(5);
  expect((await memberAt(node).stop())?.code).toBe(0);
  await load.more(10);
  memberAt(node).start(command);
  await allReady();
  await load.more(5);
}

async function approve(node: number, from: number): Promise<string> {
  const { config } = memberAt(node);
  const plan = ["--ruleset", "2", "--from", `${from}`, "--config", config];
  const { code, stdout, stderr } = await run([...COUNTERSIGN, "upgrade", "approve", ...plan]);
  expect(code, stderr).toBe(0);
  return stdout;
}

const height = async () => Number((await calls(0).getStatus({})).height);
const cancel = (by: Wallet, node = 0) =>
  calls(node).cancelTransaction(
    by.cancellation({ id: randomUuid(), validUntil: Date.now() + 600_000 }),
  );

async function rulesets(): Promise<number[]> {
  const all = await Promise.all(members.map(({ client }) => client.calls.getStatus({})));
  return all.map(({ ruleset }) => ruleset);
}

/** Every acknowledged payment is in the balance of the payee, once, at every node. */
async function expectAllPaid({ load, bob }: World): Promise<void> {
  await load.end();
  for (const [node] of members.entries()) {
    await until(`all payments at node ${node}`, async () => {
      const { wallet } = await calls(node).getWallet({ id: bob.id });
      return wallet?.balance === 1n + BigInt(load.acknowledged);
    });
  }
}

async function updateAndActivate(older: Command, world: World): Promise<void> {
  const { load, alice } = world;
  await replace(0, PRESENT, load);
  await replace(1, PRESENT, load);
  await replace(0, older, load);
  for (const node of [0, 2, 3]) await replace(node, PRESENT, load);
  const refusal = readRefusal(await cancel(alice).catch((error: unknown) => error));
  expect(refusal).toMatchObject({ reason: "NOT_ACTIVE" });
  const from = (await height()) + 20;
  for (const node of [0, 1, 2]) expect(await approve(node, from)).toContain("Not approved yet");
  await until("the height of the plan", async () => (await height()) > from);
  // Three of four have approved and the height has come: a node may still go back.
  await replace(1, older, load);
  await replace(1, PRESENT, load);
  expect(await rulesets()).toEqual([1, 1, 1, 1]);
  expect(await approve(3, from)).toContain("All members have approved this plan.");
  await until("ruleset 2 at all nodes", async () => (await rulesets()).every((one) => one === 2));
  await load.more(20);
  for (const node of [0, 1, 2, 3]) {
    expect((await cancel(alice, node)).operation.case).toBe("cancellation");
  }
}

describe("a rolling upgrade under load, node by node, forth and back until the activation,", () => {
  it("from nodes limited to what they could do before: none of the payments is lost", async () => {
    place = await newPlace();
    const world = await startOlder(LIMITED);
    await updateAndActivate(LIMITED, world);
    // A member that goes back now is told the version, and loses nothing.
    expect((await memberAt(2).stop())?.code).toBe(0);
    memberAt(2).start(LIMITED, { OLDER_NODE_PROTOCOL: "2" });
    expect((await memberAt(2).ended)?.code).toBe(10);
    expect(memberAt(2).output).toMatch(/has ruleset 2, .* install version "0\.1\.0" or later/);
    await world.load.more(10);
    memberAt(2).start(PRESENT);
    await allReady();
    await expectAllPaid(world);
  });

  it.skipIf(!hasRevision())(
    `from the revision ${REVISION.slice(0, 7)}: none of the payments is lost`,
    async () => {
      place = await newPlace();
      const older = checkOut(place);
      const world = await startOlder(older);
      await updateAndActivate(older, world);
      await expectAllPaid(world);
    },
  );
});

/** False in the package, and in a clone without its history. */
function hasRevision(): boolean {
  try {
    execFileSync("git", ["cat-file", "-e", `${REVISION}^{commit}`], { cwd: ROOT, stdio: "ignore" });
    return existsSync(join(ROOT, "node_modules"));
  } catch {
    return false;
  }
}

/** The sources of the revision beside the packages that are installed here, which have all of its own. */
function checkOut({ home }: DevnetPlace): Command {
  const folder = join(home, "revision");
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync("git", ["archive", REVISION], { cwd: ROOT, maxBuffer: 2 ** 28 });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const program = [process.execPath, "--import", join(folder, "bin/require-node.js")];
  return [...program, join(folder, "src/cli/main.ts"), "node", "--config"];
}
