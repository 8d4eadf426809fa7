/** Blocks: the header, which commits to everything, and the body, which is the operations in order. */
import { amount } from "./amount.js";
import { decodeStrict, Encoder, EncodingError } from "./encoding.js";
import { DIGEST_LENGTH } from "./hash.js";
import { LIMITS } from "./limits.js";
import { epoch, height, validatorIndex, view, } from "./numbers.js";
import { TAGS } from "./tags.js";
export const HEADER_VERSION = 1;
export function encodeHeader(header) {
    return new Encoder()
        .tag(TAGS.header)
        .u16(header.version)
        .fixed(header.networkId, DIGEST_LENGTH)
        .u64(header.epoch)
        .u64(header.height)
        .u64(header.view)
        .fixed(header.parentHash, DIGEST_LENGTH)
        .u32(header.operationCount)
        .fixed(header.operationsRoot, DIGEST_LENGTH)
        .fixed(header.resultsRoot, DIGEST_LENGTH)
        .u64(header.walletCount)
        .fixed(header.stateRoot, DIGEST_LENGTH)
        .list(header.supply, (value, encoder) => encoder.u64(value))
        .u64(header.time)
        .u16(header.proposer)
        .finish();
}
export function readHeader(decoder) {
    decoder.tag(TAGS.header);
    const version = decoder.u16();
    if (version !== HEADER_VERSION) {
        throw new EncodingError("malformed", `header version ${version} is not ${HEADER_VERSION}`);
    }
    return {
        version,
        networkId: decoder.fixed(DIGEST_LENGTH),
        epoch: epoch(decoder.safeU64()),
        height: height(decoder.safeU64()),
        view: view(decoder.safeU64()),
        parentHash: decoder.fixed(DIGEST_LENGTH),
        operationCount: decoder.u32(),
        operationsRoot: decoder.fixed(DIGEST_LENGTH),
        resultsRoot: decoder.fixed(DIGEST_LENGTH),
        walletCount: decoder.safeU64(),
        stateRoot: decoder.fixed(DIGEST_LENGTH),
        supply: decoder.list(LIMITS.assetsMax, (inner) => amount(inner.u64())),
        time: decoder.safeU64(),
        proposer: validatorIndex(decoder.u16()),
    };
}
/** Reads exactly one header; the caller judges whether its network, epoch and counts fit. */
export function decodeHeader(bytes) {
    return decodeStrict(bytes, readHeader);
}
export function blockHash(hash, headerBytes) {
    return hash(headerBytes);
}
/** Joins a header with its body and computes the bytes and the hash once. */
export function assembleBlock(hash, header, operations) {
    const headerBytes = encodeHeader(header);
    return { header, headerBytes, hash: blockHash(hash, headerBytes), operations };
}
