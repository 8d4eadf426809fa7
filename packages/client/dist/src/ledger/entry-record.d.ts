/**
 * The record of one entry of a wallet's statement, as the index of entries keeps it: everything that a statement shows of
 * it, so that no block has to be read for one.
 */
import { type Amount } from "../primitives/amount.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { type OperationId, type WalletId } from "../primitives/ids.ts";
/** The ways in which an entry is made; the place of the name is encoded. */
declare const ENTRY_KINDS: readonly ["created", "received", "paid"];
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
export declare function encodeEntryRecord(record: EntryRecord): Bytes;
export declare function decodeEntryRecord(bytes: Bytes): EntryRecord | EncodingError;
/** Minor units by which the entry changed the balance: negative for a payment. */
export declare function deltaOf({ kind, amount: moved }: EntryRecord): bigint;
export {};
