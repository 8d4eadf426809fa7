/** Byte strings: comparison, joining and hexadecimal form. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Bytes that never change once they exist. */
export type Bytes = Uint8Array;

const textEncoder = new TextEncoder();

/** Lower-case hexadecimal. */
export function toHex(bytes: Bytes): string {
  return bytesToHex(bytes);
}

/** Bytes of lower-case hexadecimal `text`; undefined if it is anything else. */
export function fromHex(text: string): Bytes | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  return hexToBytes(text);
}

export function concatBytes(...parts: readonly Bytes[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Equality of public values; not constant-time, so never for secrets. */
export function equalBytes(left: Bytes, right: Bytes): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** Lexicographic order: negative, zero or positive. */
export function compareBytes(left: Bytes, right: Bytes): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

export function utf8(text: string): Bytes {
  return textEncoder.encode(text);
}

/**
 * Packs bytes, at most a few thousand, into a text with one character for each: by the million, they take a third of
 * the memory.
 */
export function packBytes(bytes: Bytes): string {
  // Spread syntax would use the iterator, which takes ten times as long.
  return Reflect.apply(String.fromCharCode, undefined, bytes);
}

/** Writes packed bytes into `into`, from `at` on. */
export function unpackInto(into: Bytes, packed: string, at = 0): void {
  for (let i = 0; i < packed.length; i++) into[at + i] = packed.charCodeAt(i);
}

export function unpackBytes(packed: string): Bytes {
  const bytes = new Uint8Array(packed.length);
  unpackInto(bytes, packed);
  return bytes;
}
