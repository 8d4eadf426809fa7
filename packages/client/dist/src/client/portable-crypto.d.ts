import { type Bytes } from "../primitives/bytes.ts";
import type { Hash } from "../primitives/hash.ts";
import type { IsValidPoint, SigningKey, Verify } from "../primitives/signature.ts";
export type { SigningKey } from "../primitives/signature.ts";
export declare const sha256: Hash;
/** noble's own `verify` holds the equation with the cofactor, so it takes signatures that libsodium refuses. */
export declare const verify: Verify;
export declare const isValidPoint: IsValidPoint;
/** Random bytes of the platform. */
export declare function entropy(length: number): Bytes;
/** The key pair of a 32-byte seed (RFC 8032 section 5.1.5). noble signs in JavaScript, which cannot promise constant time. */
export declare function signingKeyOf(seed: Bytes): SigningKey;
