/**
 * Goal: each payment of an outbox ends in exactly one certified state, and the ledger agrees, while gateways are killed, paused and cut off
 * and the program itself is killed and started again. Method: real processes, TLS and disk; the program reaches each node through a
 * proxy; the test strikes each time some payments have their end. OUTBOX_SEED repeats the draws.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLedgerClient, type LedgerClient } from "../../src/client/node-ledger-client.ts";
import { Outbox } from "../../src/client/outbox.ts";
import { openOutboxFile } from "../../src/client/outbox-file.ts";
import type { SettledOutboxPayment } from "../../src/client/settlement.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, isValidPoint, sha256, signingKeyOf, verify } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { LinkProxy } from "../chaos/link-proxy.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { GuardedProcess, ROOT } from "../support/guarded-process.ts";
import { randomUuid } from "../support/operations.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";
import type { OutboxProgram } from "./outbox-program.ts";

const SEED = Number(process.env["OUTBOX_SEED"] ?? Date.now() % 1_000_000);
const PAYMENTS = sweep({ share: 200, all: 600, whole: 5_000 });
/** Times at which the program is killed. */
const KILLS = sweep({ share: 4, all: 12, whole: 40 });
/** Outer bound of one life of the program, milliseconds. */
const LIFE_MS = 240_000;
/** Of the whole test. */
const WHOLE_MS = 1_500_000;

let devnet: Devnet;
let proxies: LinkProxy[];
let ledger: LedgerClient;

beforeAll(async () => {
  console.log(`OUTBOX_SEED=${SEED}`);
  devnet = await Devnet.start(await newPlace());
  await devnet.untilLinked();
  proxies = devnet.nodes.map(({ url }) => new LinkProxy(Number(new URL(url).port)));
  ledger = createLedgerClient({
    genesis: loadGenesis(devnet.genesisFile),
    cryptography: { hash: sha256, verify, isValidPoint },
    ca: devnet.ca,
  });
});

afterAll(async () => {
  ledger?.close();
  for (const proxy of proxies ?? []) proxy.close();
  await devnet?.stop();
  if (devnet !== undefined) await leavePlace(devnet.place);
});

/** One fault at a time, which the next one ends. */
class Faults {
  readonly #random: Random;
  #end: () => Promise<void> = async () => undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  async next(): Promise<void> {
    await this.end();
    const node = this.#random.below(devnet.nodes.length);
    const proxy = proxies[node] ?? expect.fail("each node has a proxy");
    switch (this.#random.below(4)) {
      case 0:
        await devnet.kill(node);
        this.#end = () => devnet.restart(node);
        break;
      case 1:
        process.kill(devnet.pidOf(node), "SIGSTOP");
        this.#end = async () => void process.kill(devnet.pidOf(node), "SIGCONT");
        break;
      case 2:
        proxy.trouble(1, { refused: true });
        this.#end = async () => proxy.relieve(1);
        break;
      default:
        proxy.trouble(1, { held: true });
        this.#end = async () => proxy.relieve(1);
    }
  }

  async end(): Promise<void> {
    await this.#end();
    this.#end = async () => undefined;
  }
}

/** The states that a program told, over all its lives: one for each payment. */
function readSettled(told: Map<string, string>, output: string): number {
  const lines = [...output.matchAll(/^settled (\S+) (\w+)$/gm)];
  for (const [, id = "", state = ""] of lines) {
    expect(told.get(id) ?? state, `payment ${id} has one end`).toBe(state);
    told.set(id, state);
  }
  return lines.length;
}

/** The payments that have an end, whose receipts are verified. */
async function readEnds(path: string, wallet: Wallet): Promise<SettledOutboxPayment[]> {
  const { networkId } = ledger.trust;
  const storage = await openOutboxFile(path, { networkId, walletId: wallet.id });
  const outbox = await Outbox.open({ ledger, wallet, storage });
  const all = [...outbox.payments()];
  await outbox.close();
  return all.filter((one): one is SettledOutboxPayment => one.state !== "open");
}

async function expectLedgerAgrees(
  { id: walletId }: Wallet,
  balance: bigint,
  ends: readonly SettledOutboxPayment[],
): Promise<void> {
  const counts = Object.groupBy(ends, ({ state }) => state);
  const told = Object.entries(counts).map(([state, all]) => `${all?.length} ${state}`);
  console.log(told.join(", "));
  const paid: string[] = [];
  for await (const { entry, receipt } of ledger.statement({ walletId, oldestFirst: true })) {
    if (entry.counterparty === "") continue;
    expect(receipt?.valid).toBe(true);
    paid.push(entry.id);
  }
  expect(paid.toSorted()).toEqual((counts.applied ?? []).map(({ id }) => id).toSorted());
  const { wallet: left } = await ledger.wallet(walletId);
  expect(left.balance).toBe(balance - BigInt(paid.length));
  for (const { id } of counts.never ?? []) {
    const proof = await ledger.receipt({ from: walletId, id });
    expect(proof?.operation.kind ?? "cancellation").toBe("cancellation");
  }
}

it(`${PAYMENTS} payments end in one state each, with ${KILLS} kills of the program (OUTBOX_SEED=${SEED})`, {
  timeout: WHOLE_MS,
}, async () => {
  const random = new Random(SEED);
  const { networkId } = ledger.trust;
  const [seed, creationId] = [entropy(32), randomUuid()];
  const wallet = new Wallet({ networkId, hash: sha256, key: signingKeyOf(seed), creationId });
  const { publicKey } = wallet;
  const balance = BigInt(PAYMENTS);
  await devnet.calls(0).walletCreation({ creationId, publicKey, initialBalance: balance });
  const payee =
    (await devnet.calls(0).walletCreation({})).wallet?.id ?? expect.fail("it was created");
  const file = (name: string) => join(devnet.place.home, name);
  const ports = await Promise.all(proxies.map((proxy) => proxy.listen()));
  const program: OutboxProgram = {
    ...{ genesisFile: devnet.genesisFile, caFile: devnet.caFile, outboxFile: file("outbox") },
    endpoints: ports.map((port, i) => ({
      url: `https://127.0.0.1:${port}`,
      node: devnet.node(i).name,
    })),
    ...{ seed: toHex(seed), creationId, payee },
    // Some have so little time that a fault can make them late.
    payments: Array.from({ length: PAYMENTS }, (_, i) => ({
      id: randomUuid(),
      lifetimeMs: i % 8 === 0 ? 5_000 : 1_800_000,
    })),
  };
  writeFileSync(file("program.json"), JSON.stringify(program));

  const told = new Map<string, string>();
  const faults = new Faults(random);
  for (let life = 0; ; life++) {
    const script = join(ROOT, "test", "e2e", "outbox-program.ts");
    const run = new GuardedProcess([process.execPath, script, file("program.json")]);
    if (life === KILLS) {
      await faults.end();
      await run.until(() => /^done$/m.test(run.stdout), LIFE_MS);
      readSettled(told, run.stdout);
      await run.ended;
      break;
    }
    // Those that had their end before are told first.
    const goal = Math.min(told.size + random.between(1, Math.ceil(PAYMENTS / KILLS)), PAYMENTS);
    await faults.next();
    await run.until(() => run.stdout.split("\n").length > goal, LIFE_MS);
    await run.destroy();
    readSettled(told, run.stdout);
  }

  const ends = await readEnds(program.outboxFile, wallet);
  expect(ends.map(({ id }) => id)).toEqual(program.payments.map(({ id }) => id));
  const states = ends.map(({ id, state }) => [id, state] as const);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(states));
  await expectLedgerAgrees(wallet, balance, ends);
});
