/** Votes, each signed by one validator, and the quorum certificates that consist of them (R2). */
import { type Bytes } from "./bytes.ts";
import { type Decoder, Encoder, EncodingError } from "./encoding.ts";
import { type Digest } from "./hash.ts";
import type { NetworkId } from "./ids.ts";
import { type Epoch, type Height, type ValidatorIndex, type View } from "./numbers.ts";
import { type Signature, type SignatureCheck } from "./signature.ts";
import { type Validator } from "./validators.ts";
export declare const VOTE_KINDS: readonly ["notarize", "nullify", "finalize"];
export type VoteKind = (typeof VOTE_KINDS)[number];
/** The subject of a vote: a block in a view, or (nullify) the view alone. */
export type VoteSubject = {
    readonly kind: "notarize" | "finalize";
    readonly epoch: Epoch;
    readonly view: View;
    readonly height: Height;
    readonly blockHash: Digest;
} | {
    readonly kind: "nullify";
    readonly epoch: Epoch;
    readonly view: View;
};
export type Vote = VoteSubject & {
    readonly signer: ValidatorIndex;
    readonly signature: Signature;
};
export interface CertificateSignature {
    readonly signer: ValidatorIndex;
    readonly signature: Signature;
}
/**
 * A quorum of votes on one subject: a notarization, a nullification or a finalization, by the subject's kind.
 * Signers ascend and are distinct.
 */
export interface Certificate {
    readonly subject: VoteSubject;
    readonly signatures: readonly CertificateSignature[];
}
/** The bytes a validator signs when it votes. */
export declare function encodeVoteSubject(networkId: NetworkId, subject: VoteSubject): Bytes;
export declare function sameSubject(left: VoteSubject, right: VoteSubject): boolean;
export declare function writeVote(encoder: Encoder, vote: Vote): void;
export declare function readVote(decoder: Decoder): Vote;
/** The bytes of one vote, as a peer stores it. */
export declare function encodeVote(vote: Vote): Bytes;
/** The signature itself is checked through `voteCheck`. */
export declare function decodeVote(bytes: Bytes): Vote | EncodingError;
export declare function writeCertificate(encoder: Encoder, certificate: Certificate): void;
/** Reads a certificate whose signers ascend. `certificateChecks` checks the quorum and lists the signatures. */
export declare function readCertificate(decoder: Decoder): Certificate;
export declare function encodeCertificate(certificate: Certificate): Bytes;
export declare function decodeCertificate(bytes: Bytes): Certificate | EncodingError;
/** The check that `vote` is its signer's own; undefined if the signer is not among `validators`. */
export declare function voteCheck(networkId: NetworkId, validators: readonly Validator[], vote: Vote): SignatureCheck | undefined;
/** The vote of each signer of `certificate`. */
export declare function votesOf({ subject, signatures }: Certificate): Vote[];
/** The signatures that must verify for `certificate`; undefined if it is not a quorum of this validator set. */
export declare function certificateChecks(networkId: NetworkId, validators: readonly Validator[], certificate: Certificate): SignatureCheck[] | undefined;
/**
 * The signatures over `message` that must verify; undefined if they are not a quorum of distinct validators,
 * ascending.
 */
export declare function quorumChecks(validators: readonly Validator[], message: Bytes, signatures: readonly CertificateSignature[]): SignatureCheck[] | undefined;
