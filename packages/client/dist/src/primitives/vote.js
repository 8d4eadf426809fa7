/** Votes, each signed by one validator, and the quorum certificates that consist of them (R2). */
import { equalBytes } from "./bytes.js";
import { decodeStrict, Encoder, EncodingError } from "./encoding.js";
import { DIGEST_LENGTH } from "./hash.js";
import { LIMITS } from "./limits.js";
import { epoch, height, validatorIndex, view, } from "./numbers.js";
import { SIGNATURE_LENGTH } from "./signature.js";
import { TAGS } from "./tags.js";
import { quorumOf } from "./validators.js";
export const VOTE_KINDS = ["notarize", "nullify", "finalize"];
/** The bytes a validator signs when it votes. */
export function encodeVoteSubject(networkId, subject) {
    const encoder = new Encoder()
        .tag(TAGS[subject.kind])
        .fixed(networkId, DIGEST_LENGTH)
        .u64(subject.epoch)
        .u64(subject.view);
    if (subject.kind !== "nullify") {
        encoder.u64(subject.height).fixed(subject.blockHash, DIGEST_LENGTH);
    }
    return encoder.finish();
}
export function sameSubject(left, right) {
    if (left.kind !== right.kind || left.epoch !== right.epoch || left.view !== right.view) {
        return false;
    }
    if (left.kind === "nullify" || right.kind === "nullify")
        return true;
    return left.height === right.height && equalBytes(left.blockHash, right.blockHash);
}
export function writeVote(encoder, vote) {
    writeSubject(encoder, vote);
    encoder.u16(vote.signer).fixed(vote.signature, SIGNATURE_LENGTH);
}
export function readVote(decoder) {
    const subject = readSubject(decoder);
    return {
        ...subject,
        signer: validatorIndex(decoder.u16()),
        signature: decoder.fixed(SIGNATURE_LENGTH),
    };
}
/** The bytes of one vote, as a peer stores it. */
export function encodeVote(vote) {
    return encodeTagged(TAGS.vote, writeVote, vote);
}
/** The signature itself is checked through `voteCheck`. */
export function decodeVote(bytes) {
    return decodeTagged(TAGS.vote, readVote, bytes);
}
export function writeCertificate(encoder, certificate) {
    writeSubject(encoder, certificate.subject);
    encoder.list(certificate.signatures, (item) => encoder.u16(item.signer).fixed(item.signature, SIGNATURE_LENGTH));
}
/** Reads a certificate whose signers ascend. `certificateChecks` checks the quorum and lists the signatures. */
export function readCertificate(decoder) {
    const subject = readSubject(decoder);
    let previous = -1;
    const signatures = decoder.list(LIMITS.validatorsMax, (inner) => {
        const signer = validatorIndex(inner.u16());
        if (signer <= previous)
            throw new EncodingError("malformed", "signers do not ascend");
        previous = signer;
        return { signer, signature: inner.fixed(SIGNATURE_LENGTH) };
    });
    return { subject, signatures };
}
export function encodeCertificate(certificate) {
    return encodeTagged(TAGS.certificate, writeCertificate, certificate);
}
export function decodeCertificate(bytes) {
    return decodeTagged(TAGS.certificate, readCertificate, bytes);
}
/** The check that `vote` is its signer's own; undefined if the signer is not among `validators`. */
export function voteCheck(networkId, validators, vote) {
    const validator = validators[vote.signer];
    if (validator === undefined)
        return undefined;
    const message = encodeVoteSubject(networkId, vote);
    return { publicKey: validator.identityKey, message, signature: vote.signature };
}
/** The vote of each signer of `certificate`. */
export function votesOf({ subject, signatures }) {
    return signatures.map((by) => ({ ...subject, ...by }));
}
/** The signatures that must verify for `certificate`; undefined if it is not a quorum of this validator set. */
export function certificateChecks(networkId, validators, certificate) {
    const message = encodeVoteSubject(networkId, certificate.subject);
    return quorumChecks(validators, message, certificate.signatures);
}
/**
 * The signatures over `message` that must verify; undefined if they are not a quorum of distinct validators,
 * ascending.
 */
export function quorumChecks(validators, message, signatures) {
    if (signatures.length < quorumOf(validators.length))
        return undefined;
    const checks = [];
    let previous = -1;
    for (const { signer, signature } of signatures) {
        const validator = validators[signer];
        if (validator === undefined || signer <= previous)
            return undefined;
        previous = signer;
        checks.push({ publicKey: validator.identityKey, message, signature });
    }
    return checks;
}
function encodeTagged(tag, write, value) {
    const encoder = new Encoder().tag(tag);
    write(encoder, value);
    return encoder.finish();
}
function decodeTagged(tag, read, bytes) {
    return decodeStrict(bytes, (decoder) => {
        decoder.tag(tag);
        return read(decoder);
    });
}
function writeSubject(encoder, subject) {
    encoder.u8(VOTE_KINDS.indexOf(subject.kind)).u64(subject.epoch).u64(subject.view);
    if (subject.kind !== "nullify") {
        encoder.u64(subject.height).fixed(subject.blockHash, DIGEST_LENGTH);
    }
}
function readSubject(decoder) {
    const kind = VOTE_KINDS[decoder.u8()];
    if (kind === undefined)
        throw new EncodingError("malformed", "unknown kind of vote");
    const place = { epoch: epoch(decoder.safeU64()), view: view(readPlace(decoder)) };
    if (kind === "nullify")
        return { kind, ...place };
    const block = { height: height(readPlace(decoder)), blockHash: decoder.fixed(DIGEST_LENGTH) };
    return { kind, ...place, ...block };
}
/** A view or height that has a successor, so that a reader can add one. */
function readPlace(decoder) {
    const value = decoder.safeU64();
    if (value < Number.MAX_SAFE_INTEGER)
        return value;
    throw new EncodingError("limit", "a view or height that has none after it");
}
