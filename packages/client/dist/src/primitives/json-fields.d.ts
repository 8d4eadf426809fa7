/**
 * Reads the fields of a JSON text strictly: no field may be unknown, missing or repeated, and each has a type and a
 * range. The error names the first wrong field by its path, with the remedy. For files that people write or exchange.
 */
import { type Bytes } from "./bytes.ts";
import { type Json, JsonProblem } from "./json.ts";
export interface NumberRange {
    readonly min: number;
    readonly max: number;
}
/** The value that `read` returns for the text's fields, or the first fault in them. */
export declare function readFields<T>(text: string, read: (root: JsonField) => T): T | JsonProblem;
/** A value with its path. Its methods throw the fault if the value does not fit. */
export declare class JsonField {
    #private;
    readonly path: string;
    constructor(path: string, value: Json);
    /** Throws the fault; `problem` is a clause without its subject, such as "is no address". */
    fail(problem: string, remedy: string): never;
    /** An object with exactly the fields `names`, and any of the fields `optional`. */
    record<K extends string, O extends string = never>(names: readonly K[], optional?: readonly O[]): Readonly<Record<K, JsonField> & Partial<Record<O, JsonField>>>;
    /** An object with any field names; `form` says what to write if the value is not an object. */
    entries(form: string): Readonly<Record<string, JsonField>>;
    list({ min, max }: NumberRange): JsonField[];
    /** Undefined if it is not a string. */
    string(): string | undefined;
    boolean(): boolean;
    integer({ min, max }: NumberRange): number;
    matching({ pattern, form }: {
        readonly pattern: RegExp;
        readonly form: string;
    }): string;
    oneOf<T extends string>(values: readonly T[]): T;
    /** The bytes of lower-case hexadecimal text; undefined for anything else. */
    hex(): Bytes | undefined;
    /** The same for exactly this many bytes; throws the fault for anything else. */
    bytes(length: number): Bytes;
}
