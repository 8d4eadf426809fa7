/** Cancellations: the owner of a wallet takes the id of one of its payments, so that the payment can never be ordered. */
import { readUuid, type WalletId, writeUuid } from "../ids.ts";
import type { CommonFields, OperationEncoding } from "./fields.ts";

/**
 * `id` is that of the payment, and belongs to the same scope: of the two, only the first can be ordered. The later of the
 * two deadlines is the cancellation's, or it proves nothing (L28).
 */
export interface Cancellation extends CommonFields {
  readonly kind: "cancellation";
  /** The paying wallet; its key is the author. */
  readonly from: WalletId;
}

export const CANCELLATION: OperationEncoding<Cancellation> = {
  code: 8,
  scope: ({ from }) => from,
  write: (encoder, { from }) => writeUuid(encoder, from),
  read: (decoder) => ({ from: readUuid(decoder) }),
};
