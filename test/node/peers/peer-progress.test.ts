// A reader's view of the other nodes' progress, in a network without faults.
import { afterEach, expect, it } from "vitest";
import type { Cluster } from "../../support/cluster.ts";
import { issue, signedTransfer, startNetwork, stopNetwork } from "../network.ts";

let cluster: Cluster;
afterEach(() => stopNetwork(cluster));

it("a peer's height and view follow the chain, for every peer; its seals count, and orders have their times", async () => {
  cluster = await startNetwork();
  const before = await cluster.client(0).getStatus({});
  const [alice, bob] = [await issue(cluster, 0, { balance: 100n }), await issue(cluster, 1)];
  for (let i = 0; i < 8; i++) {
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
    await cluster.client(i % 4).transaction(request);
  }
  const { height, answerMsMedian, answerMsP95 } = await cluster.client(0).getStatus({});
  await expect
    .poll(async () => {
      const { peers } = await cluster.client(0).listPeers({});
      const { view } = await cluster.client(0).getStatus({});
      return peers.map(({ lastHeight, votedHeight, view: at, sealPresent }) => ({
        reported: lastHeight + 4n >= height,
        voted: votedHeight >= height,
        view: at + 1n >= view,
        sealPresent,
      }));
    })
    .toEqual(
      Array.from({ length: 3 }, () => {
        return { reported: true, voted: true, view: true, sealPresent: true };
      }),
    );
  expect(before.height).toBeLessThan(height);
  expect(answerMsMedian).toBeLessThanOrEqual(answerMsP95 ?? -1);
});
