/**
 * The record of one entry of a wallet's statement, as the index of entries keeps it: everything that a statement shows of
 * it, so that no block has to be read for one.
 */
import { type Amount, amount } from "../primitives/amount.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { type OperationId, readUuid, type WalletId, writeUuid } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";

/** The ways in which an entry is made; the place of the name is encoded. */
const ENTRY_KINDS = ["created", "received", "paid"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface EntryRecord {
  readonly kind: EntryKind;
  /** k of L16: the place in the statement, from 1. */
  readonly number: number;
  /** Block time, milliseconds since the epoch. */
  readonly time: number;
  /** Minor units of the wallet's asset; the kind tells their direction. */
  readonly amount: Amount;
  /** The balance after the entry. */
  readonly balance: Amount;
  /** The id of the operation, in the scope of its author or of the paying wallet. */
  readonly id: OperationId;
  /** The other wallet; absent exactly for a creation. */
  readonly counterparty?: WalletId | undefined;
  readonly reference?: string | undefined;
}

export function encodeEntryRecord(record: EntryRecord): Bytes {
  const { kind, number, time, balance, id, counterparty, reference } = record;
  const encoder = new Encoder().u8(ENTRY_KINDS.indexOf(kind)).u64(number).u64(time);
  encoder.u64(record.amount).u64(balance);
  writeUuid(encoder, id);
  if (counterparty !== undefined) writeUuid(encoder, counterparty);
  return encoder.optional(reference, (text, inner) => inner.string(text)).finish();
}

export function decodeEntryRecord(bytes: Bytes): EntryRecord | EncodingError {
  return decodeStrict(bytes, (decoder) => {
    const kind = ENTRY_KINDS[decoder.u8()];
    if (kind === undefined) throw new EncodingError("malformed", "unknown kind of entry");
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
export function deltaOf({ kind, amount: moved }: EntryRecord): bigint {
  return kind === "paid" ? -moved : moved;
}
