/** Signed operations, which blocks order: canonical bytes, signatures, hashes, and the key of the id. */
import { type Bytes } from "./bytes.ts";
import { Decoder, EncodingError } from "./encoding.ts";
import { type Digest, type Hash } from "./hash.ts";
import { type NetworkId, type OperationId } from "./ids.ts";
import { type ValidatorIndex } from "./numbers.ts";
import { type Operation } from "./operation-kinds.ts";
import { type Signature } from "./signature.ts";
/** The custody-key signature of the member that lets a wallet without money in. */
export interface Sponsor {
    readonly validator: ValidatorIndex;
    readonly signature: Signature;
}
/** An operation with its signatures, as pools, blocks and proofs hold it. */
export interface SignedOperation {
    readonly operation: Operation;
    readonly signature: Signature;
    readonly sponsor?: Sponsor | undefined;
    /** Canonical bytes with signatures: the leaf of the operations tree. */
    readonly bytes: Bytes;
    /** Canonical bytes that the signatures cover. */
    readonly unsignedBytes: Bytes;
    /** The operation hash: hash of `unsignedBytes`. "Same body" compares this. */
    readonly hash: Digest;
    /** RFC 9162 leaf hash of `bytes`. */
    readonly leafHash: Digest;
    /** Scope and id; no two results within a window share it. */
    readonly key: string;
}
/** The bytes an author signs: tag, network id, kind, author, id, deadline, and every field (L2). */
export declare function encodeOperation(networkId: NetworkId, operation: Operation): Bytes;
/** The id within its scope: "wallet id/id" for a transfer, "author/id" for other kinds (L4). */
export declare function operationKey(operation: Operation): string;
export declare function keyInScope(scope: string, id: OperationId): string;
/** Joins an operation with signatures made elsewhere; checks neither. */
export declare function assembleOperation(hash: Hash, networkId: NetworkId, parts: {
    operation: Operation;
    signature: Signature;
    sponsor?: Sponsor | undefined;
}): SignedOperation;
/** Reads one operation with signatures; the signatures themselves are not checked here. */
export declare function decodeSignedOperation(hash: Hash, networkId: NetworkId, bytes: Bytes): SignedOperation | EncodingError;
/** Reads the signed part of an operation with signatures. It makes no hash, so it costs a fraction of the whole. */
export declare function decodeOperation(networkId: NetworkId, bytes: Bytes): Operation | EncodingError;
/** Reads the signed part, and leaves the decoder behind it. */
export declare function readOperation(decoder: Decoder, networkId: NetworkId): Operation;
