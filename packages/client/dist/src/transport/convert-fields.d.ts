/**
 * Converts single fields of generated messages to values of the protocol; a refusal names the field that does not
 * fit.
 */
import { type Amount } from "../primitives/amount.ts";
import { type Bytes } from "../primitives/bytes.ts";
import type { EncodingError } from "../primitives/encoding.ts";
import { type Uuid } from "../primitives/ids.ts";
import { type Epoch, type Height, type ValidatorIndex, type View } from "../primitives/numbers.ts";
import { Refusal, type RefusalReason } from "./refusal.ts";
/** Of a certificate, signed by the largest network. */
export declare const CERTIFICATE_BYTES_MAX: number;
/** Runs readers; the first field that does not fit is the refusal. */
export declare function convert<T>(read: () => T): T | Refusal;
/** Ends a conversion. */
export declare function fail(reason: RefusalReason, field: string, message: string): never;
export declare function present<T>(value: T | undefined, field: string): T;
export declare function readUuid(text: string, field: string): Uuid;
/** Of exactly `length` bytes: a key, a hash, a signature. */
export declare function readFixed(bytes: Bytes, length: number, field: string): Bytes;
/** Bytes of variable length that other code decodes. */
export declare function readBytes(bytes: Bytes, lengthMax: number, field: string): Bytes;
export declare function readText(text: string, lengthMax: number, field: string): string;
/** A network address. Its grammar excludes characters that mean something to a terminal or a log. */
export declare function readAddress(text: string, field: string): string;
export declare function readList<T, U>(items: readonly T[], countMax: number, list: ListReader<T, U>): U[];
interface ListReader<T, U> {
    readonly field: string;
    readonly read: (item: T, field: string) => U;
}
/** A u64 that JavaScript represents exactly: times, counters. */
export declare function readCounter(value: bigint, field: string): number;
export declare function readHeight(value: bigint, field: string): Height;
export declare function readView(value: bigint, field: string): View;
export declare function readEpoch(value: bigint, field: string): Epoch;
export declare function readIndex(value: number, field: string): ValidatorIndex;
export declare function readAmount(value: bigint): Amount;
/** The decoded value of canonical bytes, or their fault. */
export declare function decoded<T extends object>(value: T | EncodingError, field: string): T;
/** Undefined for an empty value: proto3 cannot mark a plain field as absent. */
export declare function given(text: string): string | undefined;
export declare function givenBytes(bytes: Bytes): Bytes | undefined;
export {};
