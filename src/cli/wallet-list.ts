/** `countersign wallet list`: lists the wallets whose keys are kept here, with their balances. */
import type { GetWalletResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { WalletId } from "../primitives/ids.ts";
import { readRefusal } from "../transport/errors.ts";
import { askFirst } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { formatMoney } from "./money.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { ownReads, type ReadOptions } from "./own-wallet.ts";
import { formatTable } from "./table.ts";
import { WALLET_KEY_OPTIONS, WalletKeys } from "./wallet-keys.ts";

const NAME = "wallet list";

export const walletList = defineCommand({
  name: NAME,
  example: "countersign wallet list --wallets .countersign-wallets",
  operands: [],
  options: { ...NODE_OPTION, ...WALLET_KEY_OPTIONS, ...NETWORK_OPTIONS },
  run: async ({ values }, terminal) => {
    const keys = await WalletKeys.open(NAME, values, false);
    const ids = (await keys?.list()) ?? [];
    await keys?.close();
    if (ids.length === 0) {
      const text = `no wallet keys in ${values.wallets}; make one by: countersign wallet create`;
      terminal.answer({ value: { wallets: [] }, text });
      return EXIT.ok;
    }
    const network = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, network, values.node);
      const found: { readonly id: WalletId; readonly wallet: GetWalletResponse["wallet"] }[] = [];
      const reads = await ownReads(NAME, values, network.trust.networkId, ids);
      for (const id of ids) found.push({ id, wallet: await lookUp(members, id, reads.get(id)) });
      const rows = found.map(({ id, wallet }) => {
        if (wallet === undefined) return [id, "not on the ledger", ""];
        return [
          id,
          formatMoney(network.genesis, wallet.asset, wallet.balance),
          `${wallet.entries}`,
        ];
      });
      const wallets = found.map(({ id, wallet }) => {
        return { id, asset: wallet?.asset, balance: wallet?.balance, entries: wallet?.entries };
      });
      terminal.answer({
        value: { wallets },
        text: formatTable(["wallet", "balance", "entries"], rows),
      });
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});

/** Undefined: the network has no such wallet (yet). */
async function lookUp(
  members: readonly Member[],
  id: WalletId,
  read: ReadOptions | undefined,
): Promise<GetWalletResponse["wallet"]> {
  const { answer } = await askFirst(NAME, members, (calls) =>
    calls.getWallet({ id }, read).catch((error: unknown) => {
      if (readRefusal(error)?.reason === "UNKNOWN_WALLET") return undefined;
      throw error;
    }),
  );
  return answer?.wallet;
}
