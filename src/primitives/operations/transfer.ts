/** Transfers: a wallet pays another wallet of the same asset. */
import { type Amount, amount } from "../amount.ts";
import { readUuid, type WalletId, writeUuid } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";

export interface Transfer extends CommonFields {
  readonly kind: "transfer";
  readonly from: WalletId;
  readonly to: WalletId;
  /** Code of an asset in the genesis, that of both wallets; `amount` counts its minor units. */
  readonly asset: string;
  readonly amount: Amount;
  /** Free text of the payer, at most `LIMITS.referenceLengthMax` bytes of UTF-8. */
  readonly reference?: string | undefined;
}

export const TRANSFER: OperationEncoding<Transfer> = {
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
