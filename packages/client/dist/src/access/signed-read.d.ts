import { type Bytes } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import { type NetworkId, type WalletId } from "../primitives/ids.ts";
import type { Signature } from "../primitives/signature.ts";
/** The authentication scheme of the header `authorization` (RFC 9110 section 11.4), in any case. */
export declare const SIGNED_READ_SCHEME = "Countersign-Wallet";
/** The values that the wallet's key signs. */
export interface SignedRead {
    readonly networkId: NetworkId;
    /** The id in the genesis of the node that is asked. */
    readonly node: string;
    /** Full name of the call: `package.Service/Method`. */
    readonly call: string;
    readonly wallet: WalletId;
    /** Milliseconds since 1970. */
    readonly signedAt: number;
    /** SHA-256 of the body of the request as it is sent, envelope and compression included. */
    readonly bodyDigest: Digest;
}
/** The part of a signed read that the header carries; the node knows the rest. */
export interface ReadCredential extends Pick<SignedRead, "wallet" | "signedAt" | "bodyDigest"> {
    readonly signature: Signature;
}
/** The signed bytes: the tag, then one line for each value. No value contains a line feed, so the lines are unambiguous. */
export declare function encodeSignedRead(read: SignedRead): Bytes;
export declare function formatReadCredential(credential: ReadCredential): string;
/** True for a header of this scheme, well-formed or not. */
export declare function isSignedRead(authorization: string): boolean;
/** Undefined unless the header has exactly the form that `formatReadCredential` writes; the scheme may be in any case. */
export declare function parseReadCredential(authorization: string): ReadCredential | undefined;
