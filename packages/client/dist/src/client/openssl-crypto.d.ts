import { type Bytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import type { IsValidPoint, SigningKey, Verify } from "../primitives/signature.ts";
export type { SigningKey } from "../primitives/signature.ts";
export declare const sha256: Hash;
/** OpenSSL takes keys in other encodings, and keys and signatures of small order. */
export declare const verify: Verify;
/** OpenSSL has no such check. */
export declare const isValidPoint: IsValidPoint;
/** Random bytes of the operating system. */
export declare function entropy(length: number): Bytes;
/** The key pair of a 32-byte seed (RFC 8032 section 5.1.5). */
export declare function signingKeyOf(seed: Bytes): SigningKey;
