/** `countersign sign`: signs a transfer offline. Anyone can send the request, through any node. */
import { toJson } from "@bufbuild/protobuf";
import { TransactionRequestSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { networkIdOf } from "../ledger/genesis.ts";
import { sha256 } from "../node/base/crypto.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { KeptRequests } from "./kept-requests.ts";
import { NETWORK_OPTIONS, readGenesis } from "./network-access.ts";
import { denominate, readTransfer, TRANSFER_OPTIONS } from "./transfer-terms.ts";
import { openWalletKeys, WALLET_KEY_OPTIONS } from "./wallet-keys.ts";
import { WalletNames } from "./wallet-names.ts";

const NAME = "sign";

export const sign = defineCommand({
  name: NAME,
  example:
    "countersign sign --from 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --to 7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43 --amount 25",
  details:
    "Needs the wallet's key and the genesis, but no node. The printed request holds no " +
    "secret. The same --id prints the same request again: it is kept in --wallets until " +
    "countersign transfer with this --id has shown the outcome.",
  operands: [],
  options: {
    ...TRANSFER_OPTIONS,
    ...WALLET_KEY_OPTIONS,
    network: NETWORK_OPTIONS.network,
    genesis: NETWORK_OPTIONS.genesis,
  },
  run: async ({ values }, terminal) => {
    const asked = readTransfer(NAME, values, WalletNames.read(NAME, values));
    const genesis = readGenesis(NAME, values);
    const terms = denominate(NAME, genesis, asked);
    const networkId = networkIdOf(sha256, genesis);
    const keys = await openWalletKeys(NAME, values, false);
    const wallet = (await keys?.load(networkId, terms.from))?.wallet;
    await keys?.close();
    if (wallet === undefined) {
      throw new CommandError(
        `${NAME}: the key of ${terms.from} is not in ${values.wallets}; see wallet list, and --wallets DIR`,
      );
    }
    const signed = await new KeptRequests(NAME, values.wallets).sign(wallet, terms);
    const request = toJson(TransactionRequestSchema, signed.request);
    const validUntil = Number(signed.request.transaction?.validUntil ?? 0n);
    if (signed.isRepeated && validUntil < Date.now()) {
      terminal.note(
        `this was signed before, and its deadline is past; countersign transfer with --id ${terms.id} finds what became of it`,
      );
    }
    terminal.answer({ value: request, text: JSON.stringify(request) });
    return EXIT.ok;
  },
});
