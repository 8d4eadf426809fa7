import { Encoder } from "./encoding.js";
import { DIGEST_LENGTH } from "./hash.js";
import { PUBLIC_KEY_LENGTH } from "./signature.js";
import { TAGS } from "./tags.js";
import { quorumChecks } from "./vote.js";
/** The bytes each member signs with its identity key. */
export function encodeKeyCertificateBody(body) {
    return new Encoder()
        .tag(TAGS.keyCertificate)
        .fixed(body.networkId, DIGEST_LENGTH)
        .u64(body.epoch)
        .fixed(body.groupKey, PUBLIC_KEY_LENGTH)
        .u16(body.threshold)
        .fixed(body.transcriptHash, DIGEST_LENGTH)
        .finish();
}
/** The signatures that must all verify; undefined if signers repeat, are not members, or are fewer than a quorum. */
export function keyCertificateChecks(validators, certificate) {
    const message = encodeKeyCertificateBody(certificate);
    return quorumChecks(validators, message, certificate.signatures);
}
