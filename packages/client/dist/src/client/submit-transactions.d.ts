import type { Bytes } from "../primitives/bytes.ts";
import type { GatewayClient } from "./gateway-client.ts";
import type { Trust } from "./receipt-verifier.ts";
import { type SubmittedOutcome } from "./submitted-outcomes.ts";
export interface SubmitOptions {
    /** Until when an outcome is waited for; by default until it is sealed. */
    readonly until?: "final" | "sealed" | undefined;
    /** Ends the stream. What has no outcome then may still be ordered. */
    readonly signal?: AbortSignal | undefined;
    /** Streams that are opened one after another without an outcome on any of them; by default 5. */
    readonly attemptsMax?: number | undefined;
    /** Milliseconds in which some outcome must come while any is waited for; a stream without one is left. By default 60 s. */
    readonly silenceMs?: number | undefined;
}
/**
 * An outcome, and whether the transfer had been sent on an earlier stream: another node may then have ordered what this one
 * refuses.
 */
export type StreamedOutcome = SubmittedOutcome & {
    readonly wasSentBefore: boolean;
};
/**
 * The outcomes of transfers in the bytes that `Wallet.transferBytes` makes, in the order in which they come; their numbers count the
 * transfers from 0. At most 1,024 transfers are taken ahead of their outcomes. Throws what ended the last stream, such as the
 * refusal of a caller without the scope `submit`; SubmitFault if the node's answers prove nothing, or if it gives none; RangeError for bytes that are
 * no transfer of this network.
 */
export declare function submitTransactions(calls: Pick<GatewayClient["calls"], "submitTransactions">, trust: Trust, transfers: AsyncIterable<Bytes> | Iterable<Bytes>, options?: SubmitOptions): AsyncGenerator<StreamedOutcome, void, undefined>;
