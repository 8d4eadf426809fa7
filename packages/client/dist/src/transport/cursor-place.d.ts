import type { Bytes } from "../primitives/bytes.ts";
import { type Height } from "../primitives/numbers.ts";
export interface CursorPlace {
    readonly height: Height;
    /** Place in the block, from 0. */
    readonly index: number;
}
/** Bytes. */
export declare const PLACE_LENGTH = 12;
export declare function writePlace({ height: at, index }: CursorPlace): Bytes;
/** Undefined for bytes that are no place of an operation. */
export declare function readPlace(bytes: Bytes): CursorPlace | undefined;
/** The place that a cursor leads to, for those who cannot check the rest of it. */
export declare function placeOfCursor(cursor: string): CursorPlace | undefined;
