/**
 * Measures the cost of a dead leader: `npm run bench -- leader-kill`. Payers pay one payment at a time through every
 * gateway of four real processes. The leader is killed (SIGKILL); the stall is the longest time in which no live gateway
 * sees a payment settle, that is, final and sealed. The node then stays away, first under load, then with one payment
 * after another. Neither phase may show such a stall again.
 */
import { Wait } from "../gen/countersign/v1/types_pb.ts";
import { median, percentile } from "../src/cli/percentile.ts";
import { entropy } from "../src/node/base/crypto.ts";
import { uuidFromDigest } from "../src/primitives/ids.ts";
import { Devnet, leavePlace, newPlace } from "../test/support/devnet.ts";

export interface LeaderKillFigures {
  /** For each round, milliseconds: the longest time without a settled payment around the kill. */
  readonly stallsMs: readonly number[];
  /** For each round: the same time while the node stays away, from `WATCHED_MS` after the kill on. */
  readonly awayMs: readonly number[];
  /** Each payment of an idle network whose node stays away, milliseconds. */
  readonly aloneMs: readonly number[];
}

export interface LeaderKillPlan {
  readonly rounds: number;
  readonly payersPerNode: number;
  readonly report: (line: string) => void;
}

const NODES = 4;
const WARM_MS = 1_500;
/** Long enough for the silent node to have as many turns as it takes to count as silent. */
const WATCHED_MS = 2_500;
const AWAY_MS = 2_500;
const ALONE_COUNT = 40;
const PAYMENT_MS = 20_000;
const BACK_MS = 30_000;

interface Payer {
  readonly gateway: number;
  readonly from: string;
  readonly to: string;
}

/** The times at which payments settled, by gateway. */
type Settled = { readonly at: number; readonly gateway: number }[];

export async function measureLeaderKills(plan: LeaderKillPlan): Promise<LeaderKillFigures> {
  const network = await Devnet.start(await newPlace(NODES));
  try {
    const payers = await openWallets(network, plan.payersPerNode);
    const stallsMs: number[] = [];
    const awayMs: number[] = [];
    for (let round = 1; round <= plan.rounds; round++) {
      const { victim, stallMs, afterMs } = await killLeader(network, payers);
      stallsMs.push(stallMs);
      awayMs.push(afterMs);
      const figures = `${stallMs.toFixed(0)} ms, then ${afterMs.toFixed(0)} ms while it is away`;
      plan.report(`kill ${round} of ${plan.rounds}, node${victim + 1}: ${figures}`);
      const isLast = round === plan.rounds;
      if (isLast) return { stallsMs, awayMs, aloneMs: await payAlone(network, payers, victim) };
      await network.restart(victim);
      await untilBack(network, victim);
    }
    return { stallsMs, awayMs, aloneMs: [] };
  } finally {
    await network.stop();
    await leavePlace(network.place);
  }
}

export function leaderKillLines({ stallsMs, awayMs, aloneMs }: LeaderKillFigures): string[] {
  const of = (sample: readonly number[]) =>
    `median ${median(sample).toFixed(0)} ms, max ${Math.max(...sample).toFixed(0)} ms`;
  return [
    `leader killed under load, longest time without a settled payment: ${of(stallsMs)} (${stallsMs.length} kills)`,
    `the same while it stays away: ${of(awayMs)}`,
    `one payment after another while it stays away: ${of(aloneMs)}, ` +
      `p90 ${percentile(aloneMs, 0.9).toFixed(0)} ms (${aloneMs.length} payments)`,
  ];
}

/** Custodial wallets at every gateway: none of them needs another gateway to pay. */
async function openWallets(network: Devnet, count: number): Promise<Payer[]> {
  const payers = network.nodes.flatMap((_, gateway) =>
    Array.from({ length: count }, async (): Promise<Payer> => {
      const { walletCreation } = network.calls(gateway);
      const [from, to] = [
        await walletCreation({ initialBalance: 1_000_000n }),
        await walletCreation({}),
      ];
      return { gateway, from: from.wallet?.id ?? "", to: to.wallet?.id ?? "" };
    }),
  );
  return await Promise.all(payers);
}

async function killLeader(network: Devnet, payers: readonly Payer[]) {
  const settled: Settled = [];
  let isOver = false;
  const load = payers.map(async (payer) => {
    while (!isOver) {
      // A dead gateway does not answer. Its payers pause before they try again.
      if (await pay(network, payer))
        settled.push({ at: performance.now(), gateway: payer.gateway });
      else await pause(WARM_MS);
    }
  });
  await pause(WARM_MS);
  const victim = await leader(network);
  await network.kill(victim);
  const killedAt = performance.now();
  await pause(WATCHED_MS + AWAY_MS);
  isOver = true;
  const end = performance.now();
  await Promise.all(load);
  const alive = settled.filter(({ gateway }) => gateway !== victim).map(({ at }) => at);
  return {
    victim,
    stallMs: longestGap(alive, killedAt, killedAt + WATCHED_MS),
    afterMs: longestGap(alive, killedAt + WATCHED_MS, end),
  };
}

/** The longest time without a settled payment that touches `from` to `to`. */
function longestGap(settled: readonly number[], from: number, to: number): number {
  const before = Math.max(...settled.filter((at) => at <= from));
  const within = settled.filter((at) => at > from && at <= to).toSorted((a, b) => a - b);
  const times = [before, ...within, to];
  return Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at)));
}

/** validators[view mod n], of the highest view that any node is in. */
async function leader(network: Devnet): Promise<number> {
  const statuses = await Promise.all(network.nodes.map((_, i) => network.calls(i).getStatus({})));
  return Math.max(...statuses.map(({ view }) => Number(view))) % NODES;
}

async function payAlone(
  network: Devnet,
  payers: readonly Payer[],
  victim: number,
): Promise<number[]> {
  const alive = payers.filter(({ gateway }) => gateway !== victim);
  const latencies: number[] = [];
  for (let i = 0; i < ALONE_COUNT; i++) {
    const payer = alive[i % alive.length];
    if (payer === undefined) throw new Error("a gateway lives");
    const begun = performance.now();
    if (!(await pay(network, payer))) throw new Error("a payment with one node away failed");
    latencies.push(performance.now() - begun);
  }
  return latencies;
}

/** True once the payment is final and sealed; false if its gateway gave no answer. */
async function pay(network: Devnet, { gateway, from, to }: Payer): Promise<boolean> {
  const transaction = { from, to, amount: 1n, id: uuidFromDigest(entropy(32)) };
  try {
    const request = { transaction, wait: Wait.SEALED };
    const { receipt } = await network
      .calls(gateway)
      .transaction(request, { timeoutMs: PAYMENT_MS });
    return receipt?.sealedHeader !== undefined;
  } catch {
    return false;
  }
}

/** The node that was away holds all that the others hold. */
async function untilBack(network: Devnet, victim: number): Promise<void> {
  const other = (victim + 1) % NODES;
  const { height } = await network.calls(other).getStatus({});
  const deadline = performance.now() + BACK_MS;
  while ((await network.calls(victim).getStatus({})).height < height) {
    if (performance.now() > deadline) throw new Error(`node${victim + 1} does not catch up`);
    await pause(50);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
