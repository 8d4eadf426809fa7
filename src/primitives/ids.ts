/**
 * Identifiers: UUIDs in lower case (RFC 9562), and wallet ids, which are derived so that only the owner can claim
 * one.
 */
import { assert } from "./assert.ts";
import { type Bytes, fromHex, hexDigit, toHex } from "./bytes.ts";
import { type Decoder, Encoder } from "./encoding.ts";
import { DIGEST_LENGTH, type Digest, type Hash } from "./hash.ts";
import { PUBLIC_KEY_LENGTH, type PublicKey } from "./signature.ts";
import { TAGS } from "./tags.ts";

declare const brand: unique symbol;
/** 36 characters, lower case, hyphens in place; any version. */
export type Uuid = string & { readonly [brand]: "Uuid" };
/** A UUIDv8 derived from the wallet's key and creation id. */
export type WalletId = Uuid;
/** Chosen by the author of an operation. */
export type OperationId = Uuid;
/** Hash of the canonical genesis. */
export type NetworkId = Digest;

export const UUID_LENGTH = 16;
export const UUID_TEXT_LENGTH = 36;
/** Places of the 16 bytes in the text. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHEN = 0x2d;
const LETTER_A = 0x61;
const PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function parseUuid(text: string): Uuid | undefined {
  return PATTERN.test(text) ? (text as Uuid) : undefined;
}

export function uuidToBytes(id: Uuid): Bytes {
  const bytes = new Uint8Array(UUID_LENGTH);
  unpackUuid(bytes, 0, id);
  return bytes;
}

/**
 * Writes the 16 bytes of the id that begins at `from` in the text `id` into `into`, from `at` on. Digit by digit: a block takes
 * thousands of these, and a general reader of hexadecimal takes several times as long.
 */
export function unpackUuid(into: Bytes, at: number, id: string, from = 0): void {
  assert(id.length - from >= UUID_TEXT_LENGTH, "uuid of a wrong length");
  for (let i = 0; i < UUID_LENGTH; i++) {
    const place = from + (PLACES[i] ?? 0);
    into[at + i] = (digitOf(id.charCodeAt(place)) << 4) | digitOf(id.charCodeAt(place + 1));
  }
}

function digitOf(code: number): number {
  return code < LETTER_A ? code - 0x30 : code - 0x57;
}

/** The characters of the last text; written over for each, because joining parts takes several times as long. */
const characters: number[] = Array.from({ length: UUID_TEXT_LENGTH }, () => HYPHEN);

export function uuidFromBytes(bytes: Bytes): Uuid {
  assert(bytes.length === UUID_LENGTH, "a uuid has 16 bytes");
  for (let i = 0; i < UUID_LENGTH; i++) {
    const byte = bytes[i] ?? 0;
    const at = PLACES[i] ?? 0;
    characters[at] = hexDigit(byte >>> 4);
    characters[at + 1] = hexDigit(byte & 0x0f);
  }
  return Reflect.apply(String.fromCharCode, undefined, characters) as Uuid;
}

/** The bytes of the last id written. */
const written = new Uint8Array(UUID_LENGTH);

export function writeUuid(encoder: Encoder, id: Uuid): void {
  unpackUuid(written, 0, id);
  encoder.fixed(written, UUID_LENGTH);
}

export function readUuid(decoder: Decoder): Uuid {
  return uuidFromBytes(decoder.fixed(UUID_LENGTH));
}

/**
 * The first 122 bits of `digest` as a UUIDv8 (RFC 9562 section 5.8): they fill custom_a, custom_b and custom_c
 * in order, around the version and variant bits.
 */
export function uuidFromDigest(digest: Digest): Uuid {
  const bits = BigInt(`0x${toHex(digest)}`) >> 134n;
  const customA = bits >> 74n;
  const customB = (bits >> 62n) & 0xfffn;
  const customC = bits & ((1n << 62n) - 1n);
  const value = (customA << 80n) | (8n << 76n) | (customB << 64n) | (2n << 62n) | customC;
  const bytes = fromHex(value.toString(16).padStart(32, "0"));
  assert(bytes !== undefined, "hexadecimal of a number");
  return uuidFromBytes(bytes);
}

/** A wallet's id follows from its key and its creation id (L5). */
export function deriveWalletId(
  hash: Hash,
  wallet: { networkId: NetworkId; publicKey: PublicKey; creationId: OperationId },
): WalletId {
  const encoder = new Encoder()
    .tag(TAGS.walletId)
    .fixed(wallet.networkId, DIGEST_LENGTH)
    .fixed(wallet.publicKey, PUBLIC_KEY_LENGTH);
  writeUuid(encoder, wallet.creationId);
  return uuidFromDigest(encoder.digest(hash));
}
