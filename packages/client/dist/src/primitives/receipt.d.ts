/** A receipt: a result, its inclusion proof, and the sealed (or only finalized) header that it leads to. */
import type { Bytes } from "./bytes.ts";
import type { Digest } from "./hash.ts";
import type { KeyCertificate } from "./key-certificate.ts";
import type { Signature } from "./signature.ts";
import type { Certificate } from "./vote.ts";
/** A header under its threshold signature; `seal` signs exactly `bytes`. */
export interface SealedHeader {
    /** Canonical header bytes. */
    readonly bytes: Bytes;
    readonly seal: Signature;
}
/** The proof that the last header of the receipt is sealed, or at least final. */
export type ReceiptProof = {
    readonly kind: "sealed";
    /** Headers from the result's own up to the one below the sealed one, ascending; empty if it is its own. */
    readonly headers: readonly Bytes[];
    readonly sealedHeader: SealedHeader;
    readonly keyCertificate: KeyCertificate;
} | {
    readonly kind: "finalized";
    /** Headers from the result's own up to and including the finalized one, ascending. */
    readonly headers: readonly Bytes[];
    readonly finalization: Certificate;
};
export interface Receipt {
    /** Canonical result leaf (primitives/result.ts). */
    readonly leaf: Bytes;
    /** Place of the operation in its block, from 0. */
    readonly index: number;
    /** RFC 9162 inclusion path, leaf to root. */
    readonly path: readonly Digest[];
    readonly proof: ReceiptProof;
}
