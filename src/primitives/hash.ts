/** The one hash function of the protocol, SHA-256. It is injected: native in Node, portable in a browser. */
import type { Bytes } from "./bytes.ts";

/** 32 bytes. */
export type Digest = Bytes;

/**
 * SHA-256 (FIPS 180-4). The digest has memory of its own, or is written into `into`, 32 bytes, which is then given back. `data` is
 * neither kept nor changed: callers write over it afterwards.
 */
export type Hash = (data: Bytes, into?: Bytes) => Digest;

export const DIGEST_LENGTH = 32;

/** The digest for something that does not exist: the parent of the genesis header, an unset record. */
export const zeroDigest: Digest = new Uint8Array(DIGEST_LENGTH);
