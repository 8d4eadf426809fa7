/** Wallet records: the state of a wallet, its canonical bytes, and the change that an entry makes. */
import { amount } from "../primitives/amount.js";
import { assert } from "../primitives/assert.js";
import { equalBytes } from "../primitives/bytes.js";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.js";
import { DIGEST_LENGTH, zeroDigest } from "../primitives/hash.js";
import { readUuid, writeUuid } from "../primitives/ids.js";
import { LIMITS } from "../primitives/limits.js";
import { validatorIndex } from "../primitives/numbers.js";
import { PUBLIC_KEY_LENGTH } from "../primitives/signature.js";
import { TAGS } from "../primitives/tags.js";
/** True if the wallet takes a place in its sponsor's quota (L27). */
export function isUnfunded({ sponsor, balance }) {
    return sponsor !== undefined && balance === 0n;
}
export function encodeWalletRecord(networkId, record) {
    const encoder = new Encoder().tag(TAGS.walletRecord).fixed(networkId, DIGEST_LENGTH);
    writeUuid(encoder, record.id);
    return encoder
        .fixed(record.publicKey, PUBLIC_KEY_LENGTH)
        .u8(record.asset)
        .u64(record.balance)
        .fixed(record.statementHead, DIGEST_LENGTH)
        .u64(record.entries)
        .optional(record.sponsor, (sponsor, inner) => inner.u16(sponsor))
        .finish();
}
export function decodeWalletRecord(networkId, bytes) {
    return decodeStrict(bytes, (decoder) => {
        decoder.tag(TAGS.walletRecord);
        if (!equalBytes(decoder.fixed(DIGEST_LENGTH), networkId)) {
            throw new EncodingError("wrongNetwork", "the wallet record names another network");
        }
        const id = readUuid(decoder);
        const publicKey = decoder.fixed(PUBLIC_KEY_LENGTH);
        const asset = decoder.u8();
        if (asset >= LIMITS.assetsMax)
            throw new EncodingError("limit", "no genesis has this asset");
        const balance = amount(decoder.u64());
        const statementHead = decoder.fixed(DIGEST_LENGTH);
        const entries = decoder.safeU64();
        const sponsor = decoder.optional((inner) => validatorIndex(inner.u16()));
        if (sponsor !== undefined && sponsor >= LIMITS.validatorsMax) {
            throw new EncodingError("limit", "no genesis has this member");
        }
        return { id, publicKey, asset, balance, statementHead, entries, sponsor };
    });
}
/** The key of a wallet in the trie: the hash of its id. */
export function walletTrieKey(hash, networkId, id) {
    const encoder = new Encoder().tag(TAGS.walletKey).fixed(networkId, DIGEST_LENGTH);
    writeUuid(encoder, id);
    return hash(encoder.finish());
}
/** A wallet before its first entry; it is never stored in this form. */
export function emptyWallet(fields) {
    return { ...fields, balance: amount(0n), statementHead: zeroDigest, entries: 0 };
}
/** The record that an applied creation leaves: its first entry is the creation itself. */
export function createdWallet(network, fields, { publicKey, initialBalance }, at) {
    const empty = emptyWallet({ ...fields, publicKey });
    return appendEntry(network, empty, { ...at, delta: initialBalance ?? 0n });
}
/**
 * The record after one more applied entry: H(k) = hash(tag, network id, H(k - 1), k, height, operation hash, signed
 * delta, balance after). The plan has checked that the balance covers the delta (L16).
 */
export function appendEntry(network, record, entry) {
    const sum = record.balance + entry.delta;
    assert(sum >= 0n, "no wallet goes below zero");
    const balance = amount(sum);
    const entries = record.entries + 1;
    const bytes = new Encoder()
        .tag(TAGS.statementEntry)
        .fixed(network.networkId, DIGEST_LENGTH)
        .fixed(record.statementHead, DIGEST_LENGTH)
        .u64(entries)
        .u64(entry.height)
        .fixed(entry.operationHash, DIGEST_LENGTH)
        .boolean(entry.delta < 0n)
        .u64(entry.delta < 0n ? -entry.delta : entry.delta)
        .u64(balance)
        .finish();
    return { ...record, balance, entries, statementHead: network.hash(bytes) };
}
