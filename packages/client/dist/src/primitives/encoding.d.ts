import { type Bytes } from "./bytes.ts";
import type { Tag } from "./tags.ts";
/** The kinds of fault in bytes from outside. */
export type EncodingErrorCode = "malformed" | "wrongNetwork" | "limit";
/** The bytes are not a canonical encoding of the expected value. A Decoder throws it; elsewhere it is a value. */
export declare class EncodingError extends Error {
    readonly name = "EncodingError";
    readonly code: EncodingErrorCode;
    constructor(code: EncodingErrorCode, message: string);
}
/** Writes one value, until `finish`. */
export declare class Encoder {
    #private;
    constructor();
    /** A domain tag: u8 length and ASCII text. First in everything that is signed or hashed. */
    tag(tag: Tag): this;
    u8(value: number): this;
    u16(value: number): this;
    u32(value: number): this;
    u64(value: bigint | number): this;
    /** Writes bytes whose length both sides know. */
    fixed(value: Bytes, length: number): this;
    bytes(value: Bytes): this;
    string(value: string): this;
    boolean(value: boolean): this;
    optional<T>(value: T | undefined, write: (value: T, encoder: Encoder) => void): this;
    list<T>(items: readonly T[], write: (item: T, encoder: Encoder) => void): this;
    /** Returns the bytes written; nothing can be written after that. */
    finish(): Bytes;
}
/** Reads the bytes that an Encoder wrote; throws EncodingError for anything else. Wrap it with `decodeStrict`. */
export declare class Decoder {
    #private;
    constructor(bytes: Bytes);
    tag(tag: Tag): void;
    u8(): number;
    u16(): number;
    u32(): number;
    u64(): bigint;
    /** A u64 that JavaScript represents exactly: heights, views, times. */
    safeU64(): number;
    fixed(length: number): Bytes;
    bytes(lengthMax: number): Bytes;
    string(lengthMax: number): string;
    boolean(): boolean;
    optional<T>(read: (decoder: Decoder) => T): T | undefined;
    list<T>(countMax: number, read: (decoder: Decoder) => T): T[];
    /** The number of bytes read so far. */
    get offset(): number;
    end(): void;
}
/** Runs `read` over exactly all of `bytes`; returns the fault as a value. */
export declare function decodeStrict<T>(bytes: Bytes, read: (decoder: Decoder) => T): T | EncodingError;
