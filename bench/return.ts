/**
 * Measures how soon a returning node counts again: `npm run bench -- return`. One of four real processes is killed, or
 * two at once. After a while one is started again. From the moment it listens, one payment goes through every live
 * gateway until it is final and sealed. With two nodes away, nothing settles without the one that returns.
 */
import { Wait } from "../gen/countersign/v1/types_pb.ts";
import { Devnet, leavePlace, newPlace } from "../test/support/devnet.ts";

export interface ReturnPlan {
  readonly rounds: number;
  readonly report: (line: string) => void;
}

/** By payment, milliseconds from the moment at which the node that returns listens. */
export interface ReturnFigures {
  /** Through the gateways of nodes that were never away, while no other node is away. */
  readonly oneAwayMs: readonly number[];
  /** The same while one more node is away: the quorum needs the node that returns. */
  readonly twoAwayMs: readonly number[];
  /** Through the gateway of the node that returns, in both cases. */
  readonly ownMs: readonly number[];
}

const RETURNING = 3;
const OTHER = 1;
/** Long enough for the pauses of links towards a node that is away to have become their longest. */
const AWAY_MS = 6_000;
const PAYMENT_MS = 30_000;
const BACK_MS = 60_000;

interface Payer {
  readonly gateway: number;
  readonly from: string;
  readonly to: string;
}

export async function measureReturns({ rounds, report }: ReturnPlan): Promise<ReturnFigures> {
  const network = await Devnet.start(await newPlace());
  try {
    const payers = await openWallets(network);
    const figures = { oneAwayMs: [] as number[], twoAwayMs: [] as number[], ownMs: [] as number[] };
    for (let round = 1; round <= rounds; round++) {
      for (const isOtherAway of [false, true]) {
        const { own, others } = await leaveAndReturn(network, payers, isOtherAway);
        figures.ownMs.push(own);
        (isOtherAway ? figures.twoAwayMs : figures.oneAwayMs).push(...others);
        const what = isOtherAway ? "two away" : "one away";
        const all = [own, ...others].map((ms) => ms.toFixed(0)).join(", ");
        report(`round ${round} of ${rounds}, ${what}: ${all} ms (its own gateway first)`);
      }
    }
    return figures;
  } finally {
    await network.stop();
    await leavePlace(network.place);
  }
}

/** Custodial wallets at every gateway: none of them needs another gateway to pay. */
async function openWallets(network: Devnet): Promise<Payer[]> {
  const payers = network.nodes.map(async (_, gateway): Promise<Payer> => {
    const { walletCreation } = network.calls(gateway);
    const from = await walletCreation({ initialBalance: 1_000_000n, wait: Wait.SEALED });
    const to = await walletCreation({ wait: Wait.SEALED });
    return { gateway, from: from.wallet?.id ?? "", to: to.wallet?.id ?? "" };
  });
  return await Promise.all(payers);
}

async function leaveAndReturn(network: Devnet, payers: readonly Payer[], isOtherAway: boolean) {
  await untilAllReady(network);
  const away = isOtherAway ? [RETURNING, OTHER] : [RETURNING];
  await Promise.all(away.map((node) => network.kill(node)));
  await pause(AWAY_MS);
  await network.restart(RETURNING);
  const listensAt = performance.now();
  const took = await Promise.all(
    payers
      .filter(({ gateway }) => gateway === RETURNING || !away.includes(gateway))
      .map(async (payer) => {
        await pay(network, payer);
        return { gateway: payer.gateway, ms: performance.now() - listensAt };
      }),
  );
  if (isOtherAway) await network.restart(OTHER);
  const own = took.find(({ gateway }) => gateway === RETURNING)?.ms ?? Number.NaN;
  return { own, others: took.filter(({ gateway }) => gateway !== RETURNING).map(({ ms }) => ms) };
}

async function pay(network: Devnet, { gateway, from, to }: Payer): Promise<void> {
  const transaction = { from, to, amount: 1n };
  const { receipt } = await network
    .calls(gateway)
    .transaction({ transaction, wait: Wait.SEALED }, { timeoutMs: PAYMENT_MS });
  if (receipt?.sealedHeader === undefined) throw new Error(`no seal through node${gateway + 1}`);
}

async function untilAllReady(network: Devnet): Promise<void> {
  const deadline = performance.now() + BACK_MS;
  for (;;) {
    const all = await Promise.all(network.nodes.map((_, i) => network.calls(i).getStatus({})));
    if (all.every(({ ready, connectedPeers }) => ready && connectedPeers === all.length - 1))
      return;
    if (performance.now() > deadline) throw new Error("not every node is ready and linked");
    await pause(100);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
