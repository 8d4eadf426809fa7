/** `countersign sign`: signs a transfer offline; the request can be sent by anyone, through any node. */
import { toJson } from "@bufbuild/protobuf";
import { TransactionRequestSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { networkIdOf } from "../ledger/genesis.ts";
import { sha256 } from "../node/crypto.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { NETWORK_OPTIONS, readGenesis } from "./network-access.ts";
import { readTransfer, TRANSFER_OPTIONS } from "./transfer-terms.ts";
import { WALLET_KEY_OPTIONS, WalletKeys } from "./wallet-keys.ts";

const NAME = "sign";

export const sign = defineCommand({
  name: NAME,
  summary: "Signs a transfer offline and prints the request to POST to /transaction.",
  details:
    "Needs the wallet's key and the genesis, no node. What is printed may be shown to anyone.",
  operands: [],
  options: {
    ...TRANSFER_OPTIONS,
    ...WALLET_KEY_OPTIONS,
    network: NETWORK_OPTIONS.network,
    genesis: NETWORK_OPTIONS.genesis,
  },
  run: async ({ values }, terminal) => {
    const terms = readTransfer(NAME, values);
    const networkId = networkIdOf(sha256, readGenesis(NAME, values));
    const keys = await WalletKeys.open(NAME, values, false);
    const wallet = (await keys?.load(networkId, terms.from))?.wallet;
    await keys?.close();
    if (wallet === undefined) {
      throw new CommandError(
        `${NAME}: the key of ${terms.from} is not in ${values.wallets}; see wallet list, and --wallets DIR`,
      );
    }
    const request = toJson(TransactionRequestSchema, wallet.transfer(terms));
    terminal.answer({ value: request, text: JSON.stringify(request) });
    return EXIT.ok;
  },
});
