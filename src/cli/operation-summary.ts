/** Prints an operation of any kind in a few lines. */
import type { Genesis } from "../ledger/genesis.ts";
import { formatMoney } from "../ledger/money.ts";
import { sha256 } from "../node/base/crypto.ts";
import { toHex } from "../primitives/bytes.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Operation, OperationKind, OperationOf } from "../primitives/operation-kinds.ts";
import type { CeremonyStep } from "../primitives/operations/ceremony-operations.ts";
import { createdWalletId } from "../primitives/operations/wallet-creation.ts";
import { printable } from "../primitives/printable.ts";
import { formatTime } from "../transport/iso-time.ts";

/** Names and values, in the order of display. */
export type Lines = readonly (readonly [string, string])[];

interface Network {
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
}

interface OperationSummary<O extends Operation> {
  lines(network: Network, operation: O): Lines;
}

const STEP: OperationSummary<CeremonyStep> = {
  lines: (_, { kind }) => [["operation", `step of the key ceremony (${kind})`]],
};

const SUMMARIES: { readonly [K in OperationKind]: OperationSummary<OperationOf<K>> } = {
  transfer: {
    lines({ genesis }, { asset, amount, from, to, id, reference }) {
      const note = reference === undefined ? undefined : printable(JSON.stringify(reference));
      return [
        ["transfer", `${formatMoney(genesis, asset, amount)} (${amount} minor units)`],
        ["from", from],
        ["to", to],
        ["id", id],
        ...(note === undefined ? [] : [["reference", note] as const]),
      ];
    },
  },
  cancellation: {
    lines: (_, { from, id, validUntil }) => [
      ["cancelled", "the payment under this id, which is never made"],
      ["from", from],
      ["id", id],
      ["valid until", formatTime(validUntil)],
    ],
  },
  walletCreation: {
    lines({ genesis, networkId }, creation) {
      const { asset, publicKey, initialBalance, id } = creation;
      return [
        ["creation", `wallet with ${formatMoney(genesis, asset, initialBalance ?? 0n)}`],
        ["wallet", createdWalletId({ hash: sha256, networkId }, creation)],
        ["key", toHex(publicKey)],
        ["creation id", id],
      ];
    },
  },
  ceremonyOpen: STEP,
  ceremonyRound1: STEP,
  ceremonyShares: STEP,
  ceremonyConfirm: STEP,
  ceremonyComplaint: STEP,
  rulesetActivation: {
    lines: (_, { plan }) => [["operation", `activation of ruleset ${plan.ruleset}`]],
  },
};

export function summarizeOperation(network: Network, operation: Operation): Lines {
  const summary: OperationSummary<Operation> = SUMMARIES[operation.kind];
  return summary.lines(network, operation);
}
