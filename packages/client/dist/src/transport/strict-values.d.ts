import type { Bytes } from "../primitives/bytes.ts";
import { type Json } from "../primitives/json.ts";
import { Refusal } from "./refusal.ts";
/** A field and its fault; thrown inside readers only. */
export declare class WrongField extends Error {
    readonly field: string;
    constructor(field: string, message: string);
}
/** Runs readers; the first wrong field is the refusal. */
export declare function refuseWrongField<T>(read: () => T): T | Refusal;
export declare function readJsonText(bytes: Bytes): Json;
/** A field of a message, by its two names. */
export interface NamedField {
    readonly jsonName: string;
    readonly name: string;
}
/** The fields that are given in the object `value`, each with its value and its path, in the order of the text. */
export declare function fieldsGiven<F extends NamedField>(fields: readonly F[], value: Json, path: string): (readonly [field: F, item: Json, path: string])[];
/** Decimal digits without sign, leading zero, fraction or exponent: in quotes, or bare if no reader rounds them. */
export declare function readInteger(value: Json, path: string, max: bigint): bigint;
/** Bytes, still in base64. */
export declare function readBase64(value: Json, path: string): string;
export declare function readFlag(value: Json, path: string): boolean;
export declare function readItems<T>(value: Json, path: string, read: (item: Json, path: string) => T): T[];
