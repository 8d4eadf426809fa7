/**
 * The place in the chain with which a cursor of entries, transactions or events begins: its height in eight bytes and its index in
 * four, big-endian. So a client can tell that the cursor of an event leads nowhere else.
 */
import { base64Decode } from "@bufbuild/protobuf/wire";
import type { Bytes } from "../primitives/bytes.ts";
import { decodeStrict, Encoder, EncodingError } from "../primitives/encoding.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type Height, height } from "../primitives/numbers.ts";

export interface CursorPlace {
  readonly height: Height;
  /** Place in the block, from 0. */
  readonly index: number;
}

/** Bytes. */
export const PLACE_LENGTH = 12;
/** The characters of base64 that are these bytes and no others. */
const PLACE_CHARACTERS = 16;

export function writePlace({ height: at, index }: CursorPlace): Bytes {
  return new Encoder().u64(at).u32(index).finish();
}

/** Undefined for bytes that are no place of an operation. */
export function readPlace(bytes: Bytes): CursorPlace | undefined {
  const place = decodeStrict(bytes, (decoder) => ({
    height: height(decoder.safeU64()),
    index: decoder.u32(),
  }));
  if (place instanceof EncodingError) return undefined;
  return place.index < LIMITS.blockOperationsMax ? place : undefined;
}

/** The place that a cursor leads to, for those who cannot check the rest of it. */
export function placeOfCursor(cursor: string): CursorPlace | undefined {
  const text = cursor.slice(0, PLACE_CHARACTERS);
  if (!/^[A-Za-z0-9_-]{16}$/.test(text)) return undefined;
  return readPlace(new Uint8Array(base64Decode(text)));
}

/** True if a place comes earlier in the chain. */
export function isBefore(left: CursorPlace, right: CursorPlace): boolean {
  return left.height < right.height || (left.height === right.height && left.index < right.index);
}
