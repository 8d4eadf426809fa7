/** The one hash function of the protocol, SHA-256. It is injected: native in Node, portable in a browser. */
import type { Bytes } from "./bytes.ts";
/** 32 bytes. */
export type Digest = Bytes;
/** SHA-256 (FIPS 180-4). */
export type Hash = (data: Bytes) => Digest;
export declare const DIGEST_LENGTH = 32;
/** The digest for something that does not exist: the parent of the genesis header, an unset record. */
export declare const zeroDigest: Digest;
