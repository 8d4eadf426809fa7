// An operator's view of the other nodes' progress, in a network without faults.
import { afterEach, expect, it } from "vitest";
import type { Cluster } from "../../support/cluster.ts";
import { issue, signedTransfer, startNetwork, stopNetwork } from "../network.ts";

let cluster: Cluster;
afterEach(() => stopNetwork(cluster));

it("a peer's height follows the chain, for every peer told of it in its turn as a coordinator", async () => {
  cluster = await startNetwork();
  const [alice, bob] = [await issue(cluster, 0, { balance: 100n }), await issue(cluster, 1)];
  for (let i = 0; i < 8; i++) {
    const request = signedTransfer(cluster, { from: alice, to: bob.id, amount: 1n });
    await cluster.client(i % 4).transaction(request);
  }
  const { height } = await cluster.client(0).getStatus({});
  await expect
    .poll(async () => {
      const { peers } = await cluster.client(0).listPeers({});
      return peers.every(({ lastHeight }) => lastHeight + 4n >= height);
    })
    .toBe(true);
});
