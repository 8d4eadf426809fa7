/** All kinds of operations. A new kind starts here: the compiler then names every other place that must handle it. */
import { assert } from "./assert.js";
import { EncodingError } from "./encoding.js";
import { CANCELLATION } from "./operations/cancellation.js";
import { CEREMONY_COMPLAINT, CEREMONY_CONFIRM, CEREMONY_OPEN, CEREMONY_ROUND1, CEREMONY_SHARES, } from "./operations/ceremony-operations.js";
import { TRANSFER } from "./operations/transfer.js";
import { WALLET_CREATION } from "./operations/wallet-creation.js";
const ENCODINGS = {
    walletCreation: WALLET_CREATION,
    transfer: TRANSFER,
    cancellation: CANCELLATION,
    ceremonyOpen: CEREMONY_OPEN,
    ceremonyRound1: CEREMONY_ROUND1,
    ceremonyShares: CEREMONY_SHARES,
    ceremonyConfirm: CEREMONY_CONFIRM,
    ceremonyComplaint: CEREMONY_COMPLAINT,
};
/** In the order of their codes. */
const OPERATION_KINDS = Object.keys(ENCODINGS).toSorted((left, right) => ENCODINGS[left].code - ENCODINGS[right].code);
const BY_CODE = new Map(OPERATION_KINDS.map((kind) => [ENCODINGS[kind].code, kind]));
assert(BY_CODE.size === OPERATION_KINDS.length, "no two kinds of operations share a code");
/** Each kind has the encoding of its own operations in this record, so `operation.kind` selects the right one. */
export function encodingOf({ kind }) {
    return ENCODINGS[kind];
}
export function writeKind(encoder, operation) {
    encoder.u8(encodingOf(operation).code);
}
export function readKind(decoder) {
    const kind = BY_CODE.get(decoder.u8());
    if (kind === undefined)
        throw new EncodingError("malformed", "unknown kind of operation");
    return kind;
}
export function readFields(decoder, kind, common) {
    return { kind, ...common, ...ENCODINGS[kind].read(decoder) };
}
