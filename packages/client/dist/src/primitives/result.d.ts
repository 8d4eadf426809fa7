/** Results of ordered operations, applied or declined, and the leaves that prove them. */
import type { Bytes } from "./bytes.ts";
import { type Decoder, Encoder, EncodingError } from "./encoding.ts";
import { type Digest, type Hash } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import { type SignedOperation } from "./operation.ts";
import type { Operation } from "./operation-kinds.ts";
/**
 * The reasons why an ordered operation changed nothing. The index of a reason is its code in the result leaf, so
 * reasons are only appended. So far this is also the order in which they are checked (L11), as `DeclineReason` in
 * proto promises.
 */
export declare const DECLINE_REASONS: readonly ["expired", "walletExists", "unknownPayee", "assetMismatch", "insufficientFunds", "overflow", "ceremonyStepOutOfPlace", "sponsorQuotaUsed"];
export type DeclineReason = (typeof DECLINE_REASONS)[number];
export type Result = {
    readonly status: "applied";
} | {
    readonly status: "declined";
    readonly reason: DeclineReason;
};
/** A decoded result leaf. */
export interface ResultLeaf {
    readonly operationHash: Digest;
    readonly operation: Operation;
    readonly result: Result;
}
/** The leaf of the results tree (L17): operation hash, its fields, status, reason. */
export declare function encodeResultLeaf(networkId: NetworkId, operation: Pick<SignedOperation, "hash" | "unsignedBytes">, result: Result): Bytes;
/** Reads a result leaf back and checks that its operation hash is the hash of its operation. */
export declare function decodeResultLeaf(hash: Hash, networkId: NetworkId, bytes: Bytes): ResultLeaf | EncodingError;
/** One byte: 0 for applied, else the decline reason's index plus one. */
export declare function writeResult(encoder: Encoder, result: Result): void;
/** Throws EncodingError for a byte that encodes no result; for use within `decodeStrict`. */
export declare function readResult(decoder: Decoder): Result;
