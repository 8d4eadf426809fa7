// Checks after the last fault that every node has the same tip and wallets and takes payments.
import { toHex } from "../../src/primitives/bytes.ts";
import { type ChaosNetwork, untilReady } from "./network.ts";

const ALIKE_MS = 180_000;
const POLL_MS = 200;

/** The remaining differences between nodes when time is up. */
export async function untilAlike(
  network: ChaosNetwork,
  wallets: readonly string[],
): Promise<string[]> {
  await untilReady(network);
  const deadline = performance.now() + ALIKE_MS;
  let tips = await tipsOf(network);
  while (new Set(tips).size > 1) {
    if (performance.now() > deadline) return [`the nodes stay apart: ${tips.join("; ")}`];
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    tips = await tipsOf(network);
  }
  const said = await Promise.all(
    network.clients.map(async ({ calls }) => {
      const answers = await Promise.all(wallets.map((id) => calls.getWallet({ id })));
      return answers.map(({ wallet }) => `${wallet?.balance} ${wallet?.entries}`).join();
    }),
  );
  return new Set(said).size === 1 ? [] : ["the nodes name different balances at the same tip"];
}

async function tipsOf({ clients }: ChaosNetwork): Promise<string[]> {
  return await Promise.all(
    clients.map(async ({ calls }) => {
      const { height, blockHash, stateRoot, sealedHeight, pendingOperations } =
        await calls.getStatus({});
      const [hash, root] = [toHex(blockHash), toHex(stateRoot)];
      return `${height} ${hash} ${root}, sealed to ${sealedHeight}, ${pendingOperations} pending`;
    }),
  );
}
