/** Byte strings: comparison, joining and hexadecimal form. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Bytes that never change once they exist; those that a function is lent, while it runs. */
export type Bytes = Uint8Array;

const textEncoder = new TextEncoder();

/** Code of a lower-case hexadecimal digit. */
export function hexDigit(value: number): number {
  return value < 10 ? value + 0x30 : value + 0x57;
}

/** The digits of a digest, the most frequent text of all; written over for each, because a text that grows takes longer. */
const digestDigits: number[] = Array.from({ length: 64 }, () => 0);

/** Lower-case hexadecimal. */
export function toHex(bytes: Bytes): string {
  if (bytes.length * 2 !== digestDigits.length) return bytesToHex(bytes);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    digestDigits[2 * i] = hexDigit(byte >>> 4);
    digestDigits[2 * i + 1] = hexDigit(byte & 0x0f);
  }
  return Reflect.apply(String.fromCharCode, undefined, digestDigits);
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

/** Where bytes are copied to. */
export interface BytesTarget {
  readonly into: Bytes;
  readonly at: number;
  readonly length: number;
}

/** Of a few bytes: quicker than a view and a call. */
export function copyBytes(from: Bytes, fromAt: number, { into, at, length }: BytesTarget): void {
  for (let i = 0; i < length; i++) into[at + i] = from[fromAt + i] ?? 0;
}

/** Makes no view: it is called for each of a million records. */
export function beginsWith(bytes: Bytes, prefix: Bytes): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

/** Big-endian. */
export function readU32(bytes: Bytes, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
