/** Ed25519 (RFC 8032) in the protocol: keys, signatures, and checks for the host to perform. */
import type { Bytes } from "./bytes.ts";
/** 32 bytes; a canonical encoding of a prime-order point wherever it was accepted. */
export type PublicKey = Bytes;
/** 64 bytes. */
export type Signature = Bytes;
export declare const PUBLIC_KEY_LENGTH = 32;
export declare const SIGNATURE_LENGTH = 64;
/** A signature that must verify. Pure code lists such checks; a checker outside performs them. */
export interface SignatureCheck {
    readonly publicKey: PublicKey;
    readonly message: Bytes;
    readonly signature: Signature;
}
/** The one verifier rule: libsodium's `crypto_sign_verify_detached`, on every node. */
export type Verify = (check: SignatureCheck) => boolean;
/** True only for the canonical encoding of a point of prime order (no identity, no torsion). */
export type IsValidPoint = (point: Bytes) => boolean;
/** Signs with a key that the caller never sees. */
export type Sign = (message: Bytes) => Signature;
/** An Ed25519 key pair that signs and does not show its secret. */
export interface SigningKey {
    readonly publicKey: PublicKey;
    readonly sign: Sign;
}
