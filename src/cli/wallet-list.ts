/** `countersign wallet list`: lists the wallets whose keys are kept here, or those that a node lists, with their balances. */
import type { GetWalletResponse } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { GatewayClient } from "../client/gateway-client.ts";
import { formatMoney } from "../ledger/money.ts";
import type { WalletId } from "../primitives/ids.ts";
import { readRefusal } from "../transport/errors.ts";
import { askFirst, describeRefusal } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { LEDGER_WALLET_OPTIONS, listLedgerWallets } from "./ledger-wallets.ts";
import { membersFor, NETWORK_OPTIONS, NODE_OPTION, openNetwork } from "./network-access.ts";
import { ownReads, type ReadOptions } from "./own-wallet.ts";
import { formatTable } from "./table.ts";
import { openWalletKeys, WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "wallet list";

export const walletList = defineCommand({
  name: NAME,
  example: "countersign wallet list --wallets .countersign-wallets",
  details:
    "The key of each wallet signs the call that reads it: a node shows a wallet to its owner without a token. With --all or " +
    "--custodial, the list is a node's: one with access control shows all wallets to tokens with the scope read:all.",
  operands: [],
  options: { ...LEDGER_WALLET_OPTIONS, ...NODE_OPTION, ...WALLET_KEY_OPTIONS, ...NETWORK_OPTIONS },
  run: async ({ values }, terminal) => {
    if (values.all || values.custodial) return await listLedgerWallets(NAME, values, terminal);
    const names = WalletNames.read(NAME, values);
    const keys = await openWalletKeys(NAME, values, false);
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
      const found: ({ readonly id: WalletId } & LookedUp)[] = [];
      const reads = await ownReads(NAME, values, network.trust.networkId, ids);
      for (const id of ids) {
        const read = reads.get(id);
        const { answer } = await askFirst(NAME, members, (calls) => lookUp(calls, id, read));
        found.push({ id, ...answer });
      }
      const refusals = new Set(found.flatMap(({ refusal }) => refusal ?? []));
      for (const refusal of refusals) terminal.note(`${NAME}: a signature was refused: ${refusal}`);
      const rows = found.map(({ id, wallet, absent }) => {
        if (wallet === undefined) return [names.show(id), absent, ""];
        return [
          names.show(id),
          formatMoney(network.genesis, wallet.asset, wallet.balance),
          `${wallet.entries}`,
        ];
      });
      const wallets = found.map(({ id, wallet }) => {
        const name = names.nameOf(id);
        return {
          id,
          name,
          asset: wallet?.asset,
          balance: wallet?.balance,
          entries: wallet?.entries,
        };
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

interface LookedUp {
  /** Undefined if the node shows no such wallet; `absent` says why. */
  readonly wallet: GetWalletResponse["wallet"];
  readonly absent: string;
  /** The answer of the node to a signature, which may be wrong for another reason, such as the clock. */
  readonly refusal?: string;
}

/**
 * A node refuses the signature of a wallet that it does not know like a wrong one, so that strangers do not learn which
 * wallets exist.
 */
export async function lookUp(
  calls: Pick<GatewayClient["calls"], "getWallet">,
  id: WalletId,
  read: ReadOptions | undefined,
): Promise<LookedUp> {
  try {
    return { wallet: (await calls.getWallet({ id }, read)).wallet, absent: "not on the ledger" };
  } catch (error) {
    const refusal = readRefusal(error);
    if (refusal?.reason === "UNKNOWN_WALLET") {
      return { wallet: undefined, absent: "not on the ledger" };
    }
    if (read === undefined || refusal?.reason !== "UNAUTHENTICATED") throw error;
    const absent = "not on the ledger, or not known to this node";
    return { wallet: undefined, absent, refusal: describeRefusal(refusal) };
  }
}
