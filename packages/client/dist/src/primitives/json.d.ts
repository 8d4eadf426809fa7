/**
 * Reads JSON (RFC 8259) strictly, for all input from outside: files and requests. Two readers must not understand one
 * text differently, so a repeated name is refused by its full path, and numbers keep their digits until their field
 * decides about them.
 */
/** A number as it was written; its field decides how to read it. */
export declare class NumberLiteral {
    readonly source: string;
    constructor(source: string);
}
export type Json = null | boolean | string | NumberLiteral | readonly Json[] | JsonRecord;
/** Without a prototype, so that every name in it came from the text. */
export interface JsonRecord {
    readonly [name: string]: Json;
}
/** The reason why a text is refused. */
export declare class JsonProblem {
    /** JSON path of the field; empty if the text is not JSON at all. */
    readonly field: string;
    /** A clause without its subject, such as "is given twice". */
    readonly message: string;
    readonly remedy: string;
    constructor(field: string, message: string, remedy: string);
}
/** The value of `text`, or the first fault in it. */
export declare function readJson(text: string): Json | JsonProblem;
export declare function isRecord(value: Json | undefined): value is JsonRecord;
/** A whole number in plain digits that no reader rounds; undefined for anything else. */
export declare function readWholeNumber(value: Json | undefined): number | undefined;
/** The path of a name within `path`. A name that is not a plain word comes from outside, so it is quoted and cut. */
export declare function fieldPath(path: string, name: string): string;
