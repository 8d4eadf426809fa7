/** `countersign wallet show`: shows one wallet as of the network's final state. */
import { toJson } from "@bufbuild/protobuf";
import { GetWalletResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { toHex } from "../primitives/bytes.ts";
import { askFirst } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { readId } from "./id-arguments.ts";
import { formatMoney } from "./money.ts";
import { membersFor, NETWORK_OPTIONS, NODE_OPTION, openNetwork } from "./network-access.ts";
import { ownReads } from "./own-wallet.ts";
import { formatSummary } from "./receipt-summary.ts";
import { WALLET_KEY_OPTIONS } from "./wallet-keys.ts";

const NAME = "wallet show";

export const walletShow = defineCommand({
  name: NAME,
  example: "countersign wallet show 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --node node2",
  operands: [{ name: "WALLET", summary: "the wallet's id" }],
  details:
    "If the wallet's key is in --wallets, it signs the call: a node shows a wallet to its owner without a token.",
  options: { ...NODE_OPTION, ...WALLET_KEY_OPTIONS, ...NETWORK_OPTIONS },
  run: async ({ values, operands }, terminal) => {
    const id = readId(`${NAME}: WALLET`, operands[0] ?? "");
    const network = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, network, values.node);
      const reads = await ownReads(NAME, values, network.trust.networkId, [id]);
      const { member, answer } = await askFirst(NAME, members, (calls) =>
        calls.getWallet({ id }, reads.get(id)),
      );
      const { wallet, height, lagging } = answer;
      const balance = formatMoney(network.genesis, wallet?.asset ?? "", wallet?.balance ?? 0n);
      terminal.answer({
        value: toJson(GetWalletResponseSchema, answer, { alwaysEmitImplicit: true }),
        text: formatSummary([
          ["wallet", id],
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
