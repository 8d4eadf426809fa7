/** Wallet creations: a new wallet, with new money by an issuer or without money by its own key. */
import { type Amount, amount } from "../amount.ts";
import { toHex } from "../bytes.ts";
import { EncodingError } from "../encoding.ts";
import type { Hash } from "../hash.ts";
import { deriveWalletId, type NetworkId, type WalletId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { PUBLIC_KEY_LENGTH, type PublicKey } from "../signature.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";

export interface WalletCreation extends CommonFields {
  readonly kind: "walletCreation";
  /** The new wallet's key; the wallet id is derived from it and from the operation's id (the creation id). */
  readonly publicKey: PublicKey;
  /** Code of an asset in the genesis. */
  readonly asset: string;
  /** Created money; absent for zero. With it the author is an issuer, without it the wallet's own key. */
  readonly initialBalance?: Amount | undefined;
}

export const WALLET_CREATION: OperationEncoding<WalletCreation> = {
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
export function createdWalletId(
  { hash, networkId }: { readonly hash: Hash; readonly networkId: NetworkId },
  { publicKey, id: creationId }: Pick<WalletCreation, "publicKey" | "id">,
): WalletId {
  return deriveWalletId(hash, { networkId, publicKey, creationId });
}
