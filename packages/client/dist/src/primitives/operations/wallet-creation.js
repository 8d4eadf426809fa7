/** Wallet creations: a new wallet, with new money by an issuer or without money by its own key. */
import { amount } from "../amount.js";
import { toHex } from "../bytes.js";
import { EncodingError } from "../encoding.js";
import { deriveWalletId } from "../ids.js";
import { LIMITS } from "../limits.js";
import { PUBLIC_KEY_LENGTH } from "../signature.js";
export const WALLET_CREATION = {
    code: 1,
    scope: ({ author }) => toHex(author),
    write(encoder, operation) {
        encoder.fixed(operation.publicKey, PUBLIC_KEY_LENGTH).string(operation.asset);
        encoder.optional(operation.initialBalance, (value) => encoder.u64(value));
    },
    read(decoder) {
        const publicKey = decoder.fixed(PUBLIC_KEY_LENGTH);
        const asset = decoder.string(LIMITS.nameLengthMax);
        const initialBalance = decoder.optional((inner) => amount(inner.u64()));
        if (initialBalance === 0n) {
            throw new EncodingError("malformed", "an initial balance of zero is encoded as absent");
        }
        return { publicKey, asset, initialBalance };
    },
};
/** The id of the wallet that this operation creates (L5). */
export function createdWalletId({ hash, networkId }, { publicKey, id: creationId }) {
    return deriveWalletId(hash, { networkId, publicKey, creationId });
}
