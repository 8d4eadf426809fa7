// The agreement of all nodes of an idle network.
import { toJson } from "@bufbuild/protobuf";
import {
  type GetStatusResponse,
  GetWalletResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Devnet } from "../support/devnet.ts";

/** Ends what hangs: a node that was just started again catches up first. */
const SAME_HEIGHT_MS = 120_000;

/** The final tip of every node once all have the same height; rejects if they never do. */
export async function untilSameHeight(devnet: Devnet): Promise<GetStatusResponse[]> {
  const started = performance.now();
  for (;;) {
    const statuses = await Promise.all(devnet.nodes.map((_, i) => devnet.calls(i).getStatus({})));
    const heights = new Set(statuses.map(({ height }) => height));
    if (heights.size === 1) return statuses;
    if (performance.now() - started > SAME_HEIGHT_MS) {
      throw new Error(`the nodes stay at heights ${[...heights].join(", ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Agreement {
  /** Height, block hash and state root, as text: a single entry if all agree. */
  readonly tips: ReadonlySet<string>;
  /** Every wallet with its balance, as text: a single entry if all agree. */
  readonly wallets: ReadonlySet<string>;
}

/** The tip and these wallets as each node reports them, at one height. */
export async function compareNodes(
  devnet: Devnet,
  walletIds: readonly string[],
): Promise<Agreement> {
  const statuses = await untilSameHeight(devnet);
  const wallets = await Promise.all(
    devnet.nodes.map(async (_, i) => {
      const answers = await Promise.all(walletIds.map((id) => devnet.calls(i).getWallet({ id })));
      return JSON.stringify(answers.map((answer) => toJson(GetWalletResponseSchema, answer)));
    }),
  );
  const tips = statuses.map(({ height, blockHash, stateRoot }) =>
    [height, Buffer.from(blockHash).toString("hex"), Buffer.from(stateRoot).toString("hex")].join(),
  );
  return { tips: new Set(tips), wallets: new Set(wallets) };
}
