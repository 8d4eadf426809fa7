/** The key certificate: a quorum of members confirms the group key of an epoch with their identity keys (K9). */
import type { Bytes } from "./bytes.ts";
import { type Digest } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import type { Epoch } from "./numbers.ts";
import { type PublicKey, type SignatureCheck } from "./signature.ts";
import type { Validator } from "./validators.ts";
import { type CertificateSignature } from "./vote.ts";
/** The fields that members sign. */
export interface KeyCertificateBody {
    readonly networkId: NetworkId;
    readonly epoch: Epoch;
    readonly groupKey: PublicKey;
    /** t: how many shares make a seal. */
    readonly threshold: number;
    readonly transcriptHash: Digest;
}
export interface KeyCertificate extends KeyCertificateBody {
    /** Identity signatures, signers ascending; every one must verify and there must be a quorum. */
    readonly signatures: readonly CertificateSignature[];
}
/** The bytes each member signs with its identity key. */
export declare function encodeKeyCertificateBody(body: KeyCertificateBody): Bytes;
/** The signatures that must all verify; undefined if signers repeat, are not members, or are fewer than a quorum. */
export declare function keyCertificateChecks(validators: readonly Validator[], certificate: KeyCertificate): SignatureCheck[] | undefined;
