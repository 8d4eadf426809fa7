import { type Bytes } from "./bytes.ts";
import { type Decoder, Encoder } from "./encoding.ts";
import { type Digest, type Hash } from "./hash.ts";
import { type PublicKey } from "./signature.ts";
declare const brand: unique symbol;
/** 36 characters, lower case, hyphens in place; any version. */
export type Uuid = string & {
    readonly [brand]: "Uuid";
};
/** A UUIDv8 derived from the wallet's key and creation id. */
export type WalletId = Uuid;
/** Chosen by the author of an operation. */
export type OperationId = Uuid;
/** Hash of the canonical genesis. */
export type NetworkId = Digest;
export declare const UUID_LENGTH = 16;
export declare function parseUuid(text: string): Uuid | undefined;
/** Digit by digit: a block's entries take two thousand of these, and a general reader of hexadecimal takes several times as long. */
export declare function uuidToBytes(id: Uuid): Bytes;
export declare function uuidFromBytes(bytes: Bytes): Uuid;
export declare function writeUuid(encoder: Encoder, id: Uuid): void;
export declare function readUuid(decoder: Decoder): Uuid;
/**
 * The first 122 bits of `digest` as a UUIDv8 (RFC 9562 section 5.8): they fill custom_a, custom_b and custom_c
 * in order, around the version and variant bits.
 */
export declare function uuidFromDigest(digest: Digest): Uuid;
/** A wallet's id follows from its key and its creation id (L5). */
export declare function deriveWalletId(hash: Hash, wallet: {
    networkId: NetworkId;
    publicKey: PublicKey;
    creationId: OperationId;
}): WalletId;
export {};
