/** `countersign wallet show`: shows one wallet as of the network's final state. */

import { formatMoney } from "../ledger/money.ts";
import { toHex } from "../primitives/bytes.ts";
import { parseWhole } from "./arguments.ts";
import { askFirst } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { shownWalletJson } from "./named-json.ts";
import { membersFor, NETWORK_OPTIONS, NODE_OPTION, openNetwork } from "./network-access.ts";
import { ownReads } from "./own-wallet.ts";
import { formatSummary } from "./receipt-summary.ts";
import { readWallet } from "./wallet-argument.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "wallet show";

export const walletShow = defineCommand({
  name: NAME,
  example: "countersign wallet show 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --node node2",
  operands: [{ name: "WALLET", summary: "the wallet's id, or your name for it" }],
  details:
    "If the wallet's key is in --wallets, it signs the call: a node shows a wallet to its owner without a token.",
  options: {
    height: {
      kind: "text",
      value: "HEIGHT",
      summary: "show the wallet as it stood after this block (default: as it stands now)",
    },
    ...{ ...NODE_OPTION, ...WALLET_KEY_OPTIONS, ...NETWORK_OPTIONS },
  },
  run: async ({ values, operands }, terminal) => {
    const names = WalletNames.read(NAME, values);
    const id = readWallet(`${NAME}: WALLET`, operands[0] ?? "", names);
    const at = heightOf(values.height);
    const network = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, network, values.node);
      const reads = await ownReads(NAME, values, network.trust.networkId, [id]);
      const { member, answer } = await askFirst(NAME, members, (calls) =>
        calls.getWallet({ id, ...at }, reads.get(id)),
      );
      const { wallet, height, lagging } = answer;
      const balance = formatMoney(network.genesis, wallet?.asset ?? "", wallet?.balance ?? 0n);
      terminal.answer({
        value: shownWalletJson(names, answer),
        text: formatSummary([
          ["wallet", names.show(id)],
          ["balance", balance],
          ["entries", String(wallet?.entries ?? 0n)],
          ["key", toHex(wallet?.publicKey ?? new Uint8Array())],
          ["kept by", wallet?.custodian ?? "its owner"],
          [
            "as of",
            `height ${height}, according to ${member.id}${lagging ? ", which lags behind" : ""}`,
          ],
        ]),
      });
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});

function heightOf(text: string | undefined): { readonly atHeight?: bigint } {
  if (text === undefined) return {};
  const bounds = { what: `${NAME}: --height`, min: 1, max: Number.MAX_SAFE_INTEGER };
  return { atHeight: BigInt(parseWhole(text, bounds)) };
}
