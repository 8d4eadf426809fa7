import { decodeHeader, encodeHeader } from "../primitives/block.js";
import { equalBytes } from "../primitives/bytes.js";
import { DIGEST_LENGTH } from "../primitives/hash.js";
import { encodeKeyCertificateBody, } from "../primitives/key-certificate.js";
import { LIMITS } from "../primitives/limits.js";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "../primitives/signature.js";
import { decodeCertificate, encodeCertificate } from "../primitives/vote.js";
import { CERTIFICATE_BYTES_MAX, convert, decoded, fail, present, readBytes, readEpoch, readFixed, readIndex, readList, } from "./convert-fields.js";
import { headerFromMessage } from "./read-header.js";
import { Refusal } from "./refusal.js";
/**
 * Reads a receipt whose views agree with its canonical bytes. This proves nothing yet: client/receipt-verifier.ts
 * checks the receipt.
 */
export function receiptFromMessage(message) {
    return convert(() => ({
        leaf: readBytes(message.leaf, LIMITS.operationBytesMax * 2, "leaf"),
        index: message.index,
        path: readList(message.path, LIMITS.receiptPathLengthMax, {
            field: "path",
            read: (item, field) => readFixed(item, DIGEST_LENGTH, field),
        }),
        proof: readProof(message),
    }));
}
/** Reads the proof of a block, like a receipt's; proves nothing yet. */
export function proofFromMessage(message) {
    return convert(() => readProof(message));
}
function readProof(message) {
    // A node that caught up has one finalization above all blocks that it fetched at once.
    const headersMax = message.sealPending ? LIMITS.fetchedBlocksMax : LIMITS.sealInterval;
    const headers = readList(message.headers, headersMax + 1, {
        field: "headers",
        read: (item, field) => readBytes(item, LIMITS.headerBytesMax, field),
    });
    if (message.sealPending) {
        if (message.sealedHeader !== undefined || message.keyCertificate !== undefined) {
            fail("MALFORMED", "sealPending", "is true beside a seal");
        }
        const bytes = present(message.finalization, "finalization");
        readBytes(bytes, CERTIFICATE_BYTES_MAX, "finalization");
        const finalization = decoded(decodeCertificate(bytes), "finalization");
        if (!equalBytes(encodeCertificate(finalization), bytes)) {
            fail("MALFORMED", "finalization", "is not canonical");
        }
        return { kind: "finalized", headers, finalization };
    }
    if (message.finalization !== undefined) {
        fail("MALFORMED", "finalization", "stands beside a seal");
    }
    const certificate = present(message.keyCertificate, "keyCertificate");
    return {
        kind: "sealed",
        headers,
        sealedHeader: readSealedHeader(present(message.sealedHeader, "sealedHeader")),
        keyCertificate: readKeyCertificate(certificate, "keyCertificate"),
    };
}
function readSealedHeader(message) {
    const bytes = readBytes(message.bytes, LIMITS.headerBytesMax, "sealedHeader.bytes");
    decoded(decodeHeader(bytes), "sealedHeader.bytes");
    const view = headerFromMessage(present(message.header, "sealedHeader.header"), "");
    if (view instanceof Refusal || !equalBytes(encodeHeader(view), bytes)) {
        fail("MALFORMED", "sealedHeader.header", "is not what the bytes say");
    }
    return { bytes, seal: readFixed(message.seal, SIGNATURE_LENGTH, "sealedHeader.seal") };
}
function readKeyCertificate(message, field) {
    const body = {
        networkId: readFixed(message.networkId, DIGEST_LENGTH, `${field}.networkId`),
        epoch: readEpoch(message.epoch, `${field}.epoch`),
        groupKey: readFixed(message.groupPublicKey, PUBLIC_KEY_LENGTH, `${field}.groupPublicKey`),
        threshold: readIndex(message.threshold, `${field}.threshold`),
        transcriptHash: readFixed(message.transcriptHash, DIGEST_LENGTH, `${field}.transcriptHash`),
    };
    if (!equalBytes(encodeKeyCertificateBody(body), message.bytes)) {
        fail("MALFORMED", `${field}.bytes`, "the fields beside the bytes are not what the bytes say");
    }
    const signatures = readList(message.signatures, LIMITS.validatorsMax, {
        field: `${field}.signatures`,
        read: (item, at) => ({
            signer: readIndex(item.signer, `${at}.signer`),
            signature: readFixed(item.signature, SIGNATURE_LENGTH, `${at}.signature`),
        }),
    });
    return { ...body, signatures };
}
