/**
 * Goal: consumers that store the cursor of each event see every event exactly once and in order, however they die. Method: a
 * network in one process; payments run; a consumer of the whole ledger and one of a wallet are killed at random instants, 200
 * times together (50 in a share), in the middle of a message too, and go on from their cursors, each time at any of the nodes. What they saw
 * is compared with ListTransactions and ListEntries. KILL_SEED repeats the draws.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Event } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { statement } from "../../src/client/lists.ts";
import { history } from "../../src/client/whole-ledger.ts";
import { Cluster, type GatewayClient } from "../support/cluster.ts";
import { sweep } from "../support/sweep.ts";
import { Random } from "../support/world/random.ts";
import { expectAgreement, until } from "./network.ts";

const SEED = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);
const KILLS = sweep({ all: 200, share: 50 });
const PAYERS = 4;
/** Payments that each of them has under way. */
const AT_ONCE = 10;

let cluster: Cluster;

beforeAll(async () => {
  console.log(`KILL_SEED=${SEED}`);
  cluster = await Cluster.start();
});

afterAll(() => cluster.stop());

const placeOf = ({ height, index }: { readonly height: bigint; readonly index: number }) =>
  `${height}.${index}`;

/** A program that keeps the cursor of the last event it handled, and nothing else. */
class Program {
  readonly seen: string[] = [];
  readonly #walletId: string;
  readonly #random: Random;
  #cursor = "";
  kills = 0;

  constructor(walletId: string, random: Random) {
    this.#walletId = walletId;
    this.#random = random;
  }

  /** Runs once, until it is killed; `ends` kills it when it has seen that much. */
  async run(ends: () => boolean = () => false): Promise<void> {
    const kill = new AbortController();
    // At an instant, or within a message.
    const cancel = new AbortController();
    pause(this.#random.between(0, 60), undefined, { signal: cancel.signal }).then(
      () => kill.abort(),
      () => undefined,
    );
    let left = this.#random.chance(0.5) ? this.#random.between(1, 30) : Number.POSITIVE_INFINITY;
    const client = cluster.client(this.#random.below(cluster.size));
    const question = this.#cursor === "" ? { fromHeight: 0n } : { cursor: this.#cursor };
    try {
      const asked = { walletId: this.#walletId, ...question };
      for await (const message of client.subscribe(asked, { signal: kill.signal })) {
        for (const event of message.events) {
          this.#handle(event);
          if (--left === 0) return;
        }
        // A consumer may skip over what has no event for it.
        this.#cursor = message.cursor;
        if (ends()) return;
      }
    } catch (error) {
      if (!kill.signal.aborted) throw error;
    } finally {
      this.kills += 1;
      cancel.abort();
      kill.abort();
    }
  }

  #handle({ cursor, event }: Event): void {
    if (event.case === undefined) expect.fail("an event has a kind");
    this.seen.push(placeOf(event.value));
    this.#cursor = cursor;
  }
}

async function pay(client: GatewayClient, from: string, to: string, until: () => boolean) {
  while (!until()) {
    const amounts = Array.from({ length: AT_ONCE }, (_, i) => BigInt(i + 1));
    await Promise.all(
      amounts.map((amount) =>
        client.transaction({ transaction: { from, to, amount }, wait: Wait.FINAL }),
      ),
    );
  }
}

async function placesOf(items: AsyncIterable<{ height: bigint; index: number }>) {
  const places: string[] = [];
  for await (const item of items) places.push(placeOf(item));
  return places;
}

it(`${KILLS} kills: no event is missed or repeated (KILL_SEED=${SEED})`, async () => {
  const random = new Random(SEED);
  const clients = Array.from({ length: PAYERS }, (_, i) => cluster.client(i));
  const wallets = await Promise.all(
    clients.map(async (client) => {
      const { wallet } = await client.walletCreation({ initialBalance: 1_000_000n });
      return wallet?.id ?? expect.fail("it was created");
    }),
  );
  const [hot = ""] = wallets;
  // A node that is behind does not know the wallet yet.
  for (const client of clients) await until("the wallet", () => client.getWallet({ id: hot }));
  const programs = [new Program("", random), new Program(hot, random)];
  const kills = () => programs.reduce((sum, one) => sum + one.kills, 0);
  const payments = Promise.all(
    clients.map((client, i) =>
      pay(client, wallets[i] ?? "", wallets[(i + 1) % PAYERS] ?? "", () => kills() >= KILLS),
    ),
  );
  await Promise.all(
    programs.map(async (program) => {
      while (kills() < KILLS) await program.run();
    }),
  );
  await payments;
  // Programs read at any node: one that is ahead of the lists would show them more.
  await expectAgreement(cluster);
  const listed = [
    await placesOf(history(clients[0] ?? expect.fail(), { oldestFirst: true })),
    await placesOf(statement(clients[0] ?? expect.fail(), { walletId: hot, oldestFirst: true })),
  ];
  for (const [i, program] of programs.entries()) {
    const wanted = listed[i] ?? [];
    while (program.seen.length < wanted.length) {
      await program.run(() => program.seen.length >= wanted.length);
    }
    expect(program.seen).toEqual(wanted);
    expect(new Set(program.seen).size).toBe(wanted.length);
  }
  console.log(`${kills()} kills, ${listed.map(({ length }) => length).join(" and ")} events`);
});
