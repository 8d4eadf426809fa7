// One wrong reading of one node's clock while every quorum needs that node: payments go on when the clock is right
// again.
import { afterAll, beforeAll, it } from "vitest";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import type { Cluster } from "../support/cluster.ts";
import { SetClocks } from "../support/set-clocks.ts";
import {
  expectAgreement,
  issue,
  type Owned,
  SETUP_MS,
  signedTransfer,
  startNetwork,
  statuses,
  stopNetwork,
  until,
} from "./network.ts";

const JUMP_MS = 600_000;
const WRONG_FOR_MS = 3_000;
const ABSENT = 3;
const CROOKED = 2;
/** More views than leaders: the turn of the absent leader ends by its timer on every node, or not at all. */
const TURNS = 6;

const clocks = new SetClocks();
let cluster: Cluster;
let payer: Owned;
let payee: Owned;

beforeAll(async () => {
  cluster = await startNetwork({ timings: { viewTimeoutMs: 300 }, systemOf: clocks.systemOf });
  [payer, payee] = [await issue(cluster, 0, { balance: 1_000n }), await issue(cluster, 1)];
  await cluster.stopNode(ABSENT);
}, SETUP_MS);
afterAll(() => stopNetwork(cluster));

async function pay(timeoutMs: number): Promise<boolean> {
  const request = signedTransfer(cluster, { from: payer, to: payee.id, amount: 1n });
  const { result } = await cluster
    .client(0)
    .transaction({ ...request, wait: Wait.FINAL }, { timeoutMs });
  return result !== undefined;
}

it.each([
  ["ahead", JUMP_MS],
  ["behind", -JUMP_MS],
] as const)("ten minutes %s for three seconds", { timeout: 600_000 }, async (_, byMs) => {
  clocks.set(CROOKED, byMs);
  const wrong = new Promise((resolve) => setTimeout(resolve, WRONG_FOR_MS));
  // A new link makes consensus read the clock. Without work, no node learns that another one is silent.
  await cluster.startNode(ABSENT);
  await until("four nodes linked", async () => {
    const all = await statuses(cluster);
    return all.length === 4 && all.every(({ connectedPeers }) => connectedPeers === 3);
  });
  await wrong;
  await cluster.stopNode(ABSENT);
  clocks.set(CROOKED, 0);
  for (let count = 1; count <= TURNS; count++) {
    await until(`payment ${count}`, () => pay(5_000));
  }
  await expectAgreement(cluster);
});
