import { createdWalletId } from "../primitives/operations/wallet-creation.js";
/** Clients see nothing of "internal" operations. */
const VIEWS = {
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
};
function viewOf({ kind }) {
    return VIEWS[kind];
}
/** Undefined for an operation of nodes only. */
export function orderedOf(network, operation) {
    const view = viewOf(operation);
    return view === "internal" ? undefined : view.ordered(network, operation);
}
/** Undefined for an operation of nodes only. */
export function receiptQueryOf(network, operation) {
    const view = viewOf(operation);
    return view === "internal" ? undefined : view.query(network, operation);
}
