/** Events of the ledger as clients follow them, and the answers of which a stream consists. */
import type { WalletId } from "../primitives/ids.ts";
import type { Height } from "../primitives/numbers.ts";
import type { EntryInfo, PageAnswer, TransactionInfo } from "./ledger-lists.ts";
/** Without cursor and height, the stream begins with what becomes final from now on. */
export interface EventsQuery {
    /** The wallet whose entries to follow; absent: the transactions of the whole ledger. */
    readonly walletId?: WalletId | undefined;
    /** As an answer before gave it. */
    readonly cursor?: string | undefined;
    /** Instead of a cursor. */
    readonly fromHeight?: Height | undefined;
}
export type LedgerEvent = {
    /** The stream goes on from here when this event is handled. */
    readonly cursor: string;
} & ({
    readonly kind: "entry";
    readonly entry: EntryInfo;
} | {
    readonly kind: "transaction";
    readonly transaction: TransactionInfo;
});
/** The state that it was read from, too. It may be the answer of several streams, and is never changed. */
export interface EventsAnswer extends Pick<PageAnswer, "height" | "blockTime" | "lagging"> {
    /** In the order of the chain; may be empty. */
    readonly events: readonly LedgerEvent[];
    /** The stream goes on from here when all these events are handled. */
    readonly cursor: string;
}
