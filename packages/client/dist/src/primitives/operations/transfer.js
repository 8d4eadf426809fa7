/** Transfers: a wallet pays another wallet of the same asset. */
import { amount } from "../amount.js";
import { readUuid, writeUuid } from "../ids.js";
import { LIMITS } from "../limits.js";
export const TRANSFER = {
    code: 2,
    scope: ({ from }) => from,
    write(encoder, operation) {
        writeUuid(encoder, operation.from);
        writeUuid(encoder, operation.to);
        encoder.string(operation.asset).u64(operation.amount);
        encoder.optional(operation.reference, (value) => encoder.string(value));
    },
    read: (decoder) => ({
        from: readUuid(decoder),
        to: readUuid(decoder),
        asset: decoder.string(LIMITS.nameLengthMax),
        amount: amount(decoder.u64()),
        reference: decoder.optional((inner) => inner.string(LIMITS.referenceLengthMax)),
    }),
};
