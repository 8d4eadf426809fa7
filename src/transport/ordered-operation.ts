/** The client's view of each kind of ordered operation, and the query for its receipt. */
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Operation, OperationKind, OperationOf } from "../primitives/operation-kinds.ts";
import { createdWalletId } from "../primitives/operations/wallet-creation.ts";
import type { OrderedOperation, ReceiptQuery } from "./ledger-api.ts";

interface Network {
  readonly hash: Hash;
  readonly networkId: NetworkId;
}

interface ClientView<O extends Operation> {
  ordered(network: Network, operation: O): OrderedOperation;
  query(network: Network, operation: O): ReceiptQuery;
}

/** Clients see nothing of "internal" operations. */
const VIEWS: { readonly [K in OperationKind]: ClientView<OperationOf<K>> | "internal" } = {
  transfer: {
    ordered: (_, transfer) => ({ kind: "transfer", transfer }),
    query: (_, { from, id }) => ({ kind: "transfer", from, id }),
  },
  cancellation: {
    ordered: (_, cancellation) => ({ kind: "cancellation", cancellation }),
    query: (_, { from, id }) => ({ kind: "transfer", from, id }),
  },
  walletCreation: {
    ordered: (network, creation) => {
      return { kind: "creation", walletId: createdWalletId(network, creation), creation };
    },
    query: (network, creation) => {
      return { kind: "creation", walletId: createdWalletId(network, creation) };
    },
  },
  ceremonyOpen: "internal",
  ceremonyRound1: "internal",
  ceremonyShares: "internal",
  ceremonyConfirm: "internal",
  ceremonyComplaint: "internal",
  rulesetActivation: "internal",
};

function viewOf({ kind }: Operation): ClientView<Operation> | "internal" {
  return VIEWS[kind];
}

/** Undefined for an operation of nodes only. */
export function orderedOf(network: Network, operation: Operation): OrderedOperation | undefined {
  const view = viewOf(operation);
  return view === "internal" ? undefined : view.ordered(network, operation);
}

/** Undefined for an operation of nodes only. */
export function receiptQueryOf(network: Network, operation: Operation): ReceiptQuery | undefined {
  const view = viewOf(operation);
  return view === "internal" ? undefined : view.query(network, operation);
}
