/** Bytes that never change once they exist. */
export type Bytes = Uint8Array;
/** Lower-case hexadecimal. */
export declare function toHex(bytes: Bytes): string;
/** Bytes of lower-case hexadecimal `text`; undefined if it is anything else. */
export declare function fromHex(text: string): Bytes | undefined;
export declare function concatBytes(...parts: readonly Bytes[]): Bytes;
/** Equality of public values; not constant-time, so never for secrets. */
export declare function equalBytes(left: Bytes, right: Bytes): boolean;
/** Lexicographic order: negative, zero or positive. */
export declare function compareBytes(left: Bytes, right: Bytes): number;
export declare function utf8(text: string): Bytes;
/**
 * Packs bytes, at most a few thousand, into a text with one character for each: by the million, they take a third of
 * the memory.
 */
export declare function packBytes(bytes: Bytes): string;
/** Writes packed bytes into `into`, from `at` on. */
export declare function unpackInto(into: Bytes, packed: string, at?: number): void;
export declare function unpackBytes(packed: string): Bytes;
