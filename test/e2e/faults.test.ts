/**
 * Goal: with any one node killed, the leader included, idle or under load, payments settle and are sealed; the node
 * comes back and agrees. Method: SIGKILL of real processes, one node after another; KILL_ROUNDS of each kind (1;
 * 2 in CI; 4 in a whole sweep, so that every node is killed once). The stall is the longest payment begun within two
 * seconds of the kill.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { randomUuid } from "../support/operations.ts";
import { sweep } from "../support/sweep.ts";

const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? sweep({ whole: "4", all: "2", share: "1" }));
/** Ends what hangs. */
const PAYMENT_MS = 120_000;
const WATCHED_MS = 2_000;
const LOAD = 8;

let network: Devnet;
let payer = "";
let payee = "";

interface Stall {
  readonly ms: number;
}

beforeAll(async () => {
  network = await Devnet.start(await newPlace());
});

afterAll(async () => {
  await network.stop();
  await leavePlace(network.place);
});

/** Pays through a running node. All attempts use one id, because a call lost with its connection is repeated. */
async function pay(gateway: number): Promise<number> {
  const transaction = { from: payer, to: payee, amount: 1n, id: randomUuid() };
  const begun = performance.now();
  for (;;) {
    try {
      const timeoutMs = Math.max(1, Math.ceil(PAYMENT_MS - (performance.now() - begun)));
      const answer = await network
        .calls(gateway)
        .transaction({ transaction, wait: Wait.SEALED }, { timeoutMs });
      expect(answer.receipt?.sealedHeader).toBeDefined();
      return performance.now() - begun;
    } catch (error) {
      if (performance.now() - begun > PAYMENT_MS) throw error;
    }
  }
}

/** Wallets of a gateway that is not the victim. */
async function createWallets(gateway: number): Promise<void> {
  const calls = network.calls(gateway);
  const [first, second] = [
    await calls.walletCreation({ initialBalance: 100_000n }),
    await calls.walletCreation({}),
  ];
  [payer, payee] = [first.wallet?.id ?? "", second.wallet?.id ?? ""];
}

/** Kills `victim`, pays through another node for two seconds, starts it again, and waits until it agrees. */
async function killRound(victim: number, load: number): Promise<Stall> {
  const gateway = (victim + 1) % network.nodes.length;
  await createWallets(gateway);
  const latencies: number[] = [];
  let killed = false;
  const end = performance.now() + WATCHED_MS + 500;
  const payers = Array.from({ length: load }, async () => {
    while (performance.now() < end) {
      const ms = await pay(gateway);
      if (killed) latencies.push(ms);
    }
  });
  await pay(gateway);
  await network.kill(victim);
  killed = true;
  latencies.push(await pay(gateway));
  await Promise.all(payers);
  await network.restart(victim);
  await agree(victim, gateway);
  return { ms: Math.max(...latencies) };
}

/** The restarted node has caught up: it has the same balance, and the same state root at a common height. */
async function agree(victim: number, gateway: number): Promise<void> {
  const [back, other] = [network.calls(victim), network.calls(gateway)];
  const { height } = await other.getStatus({});
  const wallets = await Promise.all(
    [back, other].map((calls) =>
      calls.getWallet({ id: payee, minHeight: height }, { timeoutMs: PAYMENT_MS }),
    ),
  );
  expect(wallets[0]?.wallet).toEqual(wallets[1]?.wallet);
  await expect
    .poll(
      async () => {
        const statuses = [await back.getStatus({}), await other.getStatus({})];
        return new Set(statuses.map(({ height: at, stateRoot }) => `${at} ${stateRoot}`)).size;
      },
      { timeout: PAYMENT_MS },
    )
    .toBe(1);
}

function report(kind: string, stalls: readonly Stall[]): void {
  const sorted = stalls.map(({ ms }) => ms).toSorted((left, right) => left - right);
  const [median, max] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0];
  console.log(
    `${kind}: ${sorted.length} kills, slowest payment after each: median ${median.toFixed(0)} ms, ` +
      `max ${max.toFixed(0)} ms`,
  );
}

describe("with one node killed", () => {
  it.each([
    ["idle", 0],
    ["under load", LOAD],
  ] as const)(
    "%s, payments settle and are sealed, and the node comes back",
    { timeout: ROUNDS * 300_000 },
    async (kind, load) => {
      const stalls: Stall[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        stalls.push(await killRound(round % network.nodes.length, load));
      }
      report(kind, stalls);
      expect(stalls).toHaveLength(ROUNDS);
    },
  );
});
