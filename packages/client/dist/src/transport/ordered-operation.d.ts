/** The client's view of each kind of ordered operation, and the query for its receipt. */
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Operation } from "../primitives/operation-kinds.ts";
import type { OrderedOperation, ReceiptQuery } from "./ledger-api.ts";
interface Network {
    readonly hash: Hash;
    readonly networkId: NetworkId;
}
/** Undefined for an operation of nodes only. */
export declare function orderedOf(network: Network, operation: Operation): OrderedOperation | undefined;
/** Undefined for an operation of nodes only. */
export declare function receiptQueryOf(network: Network, operation: Operation): ReceiptQuery | undefined;
export {};
