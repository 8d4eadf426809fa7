/** `countersign transfer`: a payment, its receipt checked before it is believed. */
import { toJson } from "@bufbuild/protobuf";
import { TransactionResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import { readRefusal } from "../transport/errors.ts";
import { askFirst } from "./calls.ts";
import { EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  type NetworkAccess,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { checkOutcome } from "./outcome.ts";
import {
  denominate,
  isAskedTransfer,
  readTransfer,
  TRANSFER_OPTIONS,
  transferRequest,
} from "./transfer-terms.ts";
import { WALLET_KEY_OPTIONS, WalletKeys } from "./wallet-keys.ts";

const NAME = "transfer";

export const transfer = defineCommand({
  name: NAME,
  example:
    "countersign transfer --from 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90 --to 7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43 --amount 25 --reference lunch",
  details:
    "Signed by the key in --wallets if it is there; otherwise the node that keeps the payer's key is asked. " +
    "Exit code 3: ordered and declined. 5: the outcome is not known; the same --id again is safe. Without --wait it waits for " +
    "the seal for as long as one can come; a payment that is final without ends with 0, and a line says why and how to have " +
    "the seal later. With --wait sealed that ends with 8: the payment stands all the same.",
  operands: [],
  options: {
    ...TRANSFER_OPTIONS,
    wait: {
      kind: "text",
      value: "UNTIL",
      summary: "wait until the result is final, or until it is sealed as well",
      choices: ["final", "sealed"],
    },
    ...NODE_OPTION,
    ...WALLET_KEY_OPTIONS,
    ...NETWORK_OPTIONS,
  },
  run: async ({ values }, terminal) => {
    const asked = readTransfer(NAME, values);
    const network = openNetwork(NAME, values);
    try {
      const terms = denominate(NAME, network.genesis, asked);
      const keys = await WalletKeys.open(NAME, values, false);
      const wallet = (await keys?.load(network.trust.networkId, terms.from))?.wallet;
      await keys?.close();
      const hasDeadline = values["valid-until"] !== undefined;
      const wait = values.wait === "final" ? Wait.FINAL : Wait.SEALED;
      const request = { ...transferRequest(wallet, terms, hasDeadline), wait };
      const named = membersFor(NAME, network, values.node);
      const members =
        wallet === undefined && values.node === undefined
          ? await custodianFirst(network, terms.from)
          : named;
      const again = `the same command with --id ${terms.id}`;
      const { answer } = await askFirst(
        NAME,
        members,
        (calls) => calls.transaction(request),
        again,
      );
      const outcome = checkOutcome(NAME, network, answer, isAskedTransfer(terms));
      const { text, exitCode, unsealed } = outcome;
      terminal.answer({
        value: toJson(TransactionResponseSchema, answer, { alwaysEmitImplicit: true }),
        text,
      });
      if (unsealed === undefined || wait === Wait.FINAL) return exitCode;
      terminal.note(`${NAME}: ${unsealed}`);
      // Whoever names no --wait may take any other code for a payment that was not made, and pay again.
      return exitCode === EXIT.ok && values.wait === "sealed" ? EXIT.unsealed : exitCode;
    } finally {
      network.close();
    }
  },
});

/** Only the custodian can sign; without one, any node says that the signature is missing. */
async function custodianFirst(network: NetworkAccess, from: string): Promise<readonly Member[]> {
  const { answer } = await askFirst(NAME, network.members, (calls) =>
    calls.getWallet({ id: from }).catch((error: unknown) => {
      if (readRefusal(error)?.reason === "UNKNOWN_WALLET") return undefined;
      throw error;
    }),
  );
  const custodian = answer?.wallet?.custodian;
  const keeper = network.members.filter(({ id }) => id === custodian);
  return keeper.length > 0 ? keeper : network.members;
}
