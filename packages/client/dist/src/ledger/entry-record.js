/**
 * The record of one entry of a wallet's statement, as the index of entries keeps it: everything that a statement shows of
 * it, so that no block has to be read for one.
 */
import { amount } from "../primitives/amount.js";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.js";
import { readUuid, writeUuid } from "../primitives/ids.js";
import { LIMITS } from "../primitives/limits.js";
/** The ways in which an entry is made; the place of the name is encoded. */
const ENTRY_KINDS = ["created", "received", "paid"];
export function encodeEntryRecord(record) {
    const { kind, number, time, balance, id, counterparty, reference } = record;
    const encoder = new Encoder().u8(ENTRY_KINDS.indexOf(kind)).u64(number).u64(time);
    encoder.u64(record.amount).u64(balance);
    writeUuid(encoder, id);
    if (counterparty !== undefined)
        writeUuid(encoder, counterparty);
    return encoder.optional(reference, (text, inner) => inner.string(text)).finish();
}
export function decodeEntryRecord(bytes) {
    return decodeStrict(bytes, (decoder) => {
        const kind = ENTRY_KINDS[decoder.u8()];
        if (kind === undefined)
            throw new EncodingError("malformed", "unknown kind of entry");
        return {
            kind,
            number: decoder.safeU64(),
            time: decoder.safeU64(),
            amount: amount(decoder.u64()),
            balance: amount(decoder.u64()),
            id: readUuid(decoder),
            counterparty: kind === "created" ? undefined : readUuid(decoder),
            reference: decoder.optional((inner) => inner.string(LIMITS.referenceLengthMax)),
        };
    });
}
/** Minor units by which the entry changed the balance: negative for a payment. */
export function deltaOf({ kind, amount: moved }) {
    return kind === "paid" ? -moved : moved;
}
