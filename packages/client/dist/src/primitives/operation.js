/** Signed operations, which blocks order: canonical bytes, signatures, hashes, and the key of the id. */
import { concatBytes, equalBytes } from "./bytes.js";
import { Decoder, Encoder, EncodingError } from "./encoding.js";
import { DIGEST_LENGTH } from "./hash.js";
import { readUuid, writeUuid } from "./ids.js";
import { LIMITS } from "./limits.js";
import { leafHash } from "./merkle-tree.js";
import { validatorIndex } from "./numbers.js";
import { encodingOf, readFields, readKind, writeKind } from "./operation-kinds.js";
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from "./signature.js";
import { TAGS } from "./tags.js";
/** The bytes an author signs: tag, network id, kind, author, id, deadline, and every field (L2). */
export function encodeOperation(networkId, operation) {
    const encoder = new Encoder().tag(TAGS.operation).fixed(networkId, DIGEST_LENGTH);
    writeKind(encoder, operation);
    encoder.fixed(operation.author, PUBLIC_KEY_LENGTH);
    writeUuid(encoder, operation.id);
    encoder.u64(operation.validUntil);
    encodingOf(operation).write(encoder, operation);
    return encoder.finish();
}
/** The id within its scope: "wallet id/id" for a transfer, "author/id" for other kinds (L4). */
export function operationKey(operation) {
    return keyInScope(encodingOf(operation).scope(operation), operation.id);
}
export function keyInScope(scope, id) {
    return `${scope}/${id}`;
}
/** Joins an operation with signatures made elsewhere; checks neither. */
export function assembleOperation(hash, networkId, parts) {
    const unsignedBytes = encodeOperation(networkId, parts.operation);
    const signatures = new Encoder()
        .fixed(parts.signature, SIGNATURE_LENGTH)
        .optional(parts.sponsor, (sponsor, encoder) => {
        encoder.u16(sponsor.validator).fixed(sponsor.signature, SIGNATURE_LENGTH);
    });
    const bytes = concatBytes(unsignedBytes, signatures.finish());
    return describe(hash, { ...parts, bytes, unsignedBytes });
}
/** Reads one operation with signatures; the signatures themselves are not checked here. */
export function decodeSignedOperation(hash, networkId, bytes) {
    if (bytes.length > LIMITS.operationBytesMax) {
        return new EncodingError("limit", `an operation has at most ${LIMITS.operationBytesMax} bytes`);
    }
    try {
        const decoder = new Decoder(bytes);
        const operation = readOperation(decoder, networkId);
        const unsignedBytes = bytes.slice(0, decoder.offset);
        const signature = decoder.fixed(SIGNATURE_LENGTH);
        const sponsor = decoder.optional((inner) => ({
            validator: validatorIndex(inner.u16()),
            signature: inner.fixed(SIGNATURE_LENGTH),
        }));
        decoder.end();
        return describe(hash, { operation, signature, sponsor, bytes, unsignedBytes });
    }
    catch (error) {
        if (error instanceof EncodingError)
            return error;
        throw error;
    }
}
/** Reads the signed part of an operation with signatures. It makes no hash, so it costs a fraction of the whole. */
export function decodeOperation(networkId, bytes) {
    try {
        return readOperation(new Decoder(bytes), networkId);
    }
    catch (error) {
        if (error instanceof EncodingError)
            return error;
        throw error;
    }
}
/** Reads the signed part, and leaves the decoder behind it. */
export function readOperation(decoder, networkId) {
    decoder.tag(TAGS.operation);
    if (!equalBytes(decoder.fixed(DIGEST_LENGTH), networkId)) {
        throw new EncodingError("wrongNetwork", "the operation names another network");
    }
    const kind = readKind(decoder);
    const author = decoder.fixed(PUBLIC_KEY_LENGTH);
    const id = readUuid(decoder);
    const validUntil = decoder.safeU64();
    return readFields(decoder, kind, { author, id, validUntil });
}
function describe(hash, parts) {
    return {
        ...parts,
        hash: hash(parts.unsignedBytes),
        leafHash: leafHash(hash, parts.bytes),
        key: operationKey(parts.operation),
    };
}
