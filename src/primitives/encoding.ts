/**
 * The canonical encoding: one value has one byte string. Integers are big-endian and of fixed width; variable bytes
 * and text carry a u32 length; an optional value a presence byte 0 or 1; a list a u32 count. Decoding is strict: it
 * refuses every byte string that encoding would not have written. docs/signing.md lists the layouts.
 */

import { readAscii } from "./ascii.ts";
import { assert, InvariantViolation } from "./assert.ts";
import { type Bytes, utf8 } from "./bytes.ts";
import type { Digest, Hash } from "./hash.ts";
import type { Tag } from "./tags.ts";

/** The kinds of fault in bytes from outside. */
export type EncodingErrorCode = "malformed" | "wrongNetwork" | "limit";

/** The bytes are not a canonical encoding of the expected value. A Decoder throws it; elsewhere it is a value. */
export class EncodingError extends Error {
  override readonly name = "EncodingError";
  readonly code: EncodingErrorCode;

  constructor(code: EncodingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const U64_MAX = (1n << 64n) - 1n;

/** The growing buffer that an encoder writes into. */
class Scratch {
  readonly buffer: Uint8Array;
  readonly view: DataView;

  constructor(length: number) {
    this.buffer = new Uint8Array(length);
    this.view = new DataView(this.buffer.buffer);
  }
}

const SCRATCH_LENGTH = 512;
/** The last encoder's buffer, reused by the next: most encodings are short, and an allocation costs more than they do. */
let spare: Scratch | undefined;

const tagBytes = new Map<Tag, Bytes>();

/** Length and text of a tag. */
function bytesOfTag(tag: Tag): Bytes {
  const known = tagBytes.get(tag);
  if (known !== undefined) return known;
  const text = utf8(tag);
  const bytes = Uint8Array.of(text.length, ...text);
  tagBytes.set(tag, bytes);
  return bytes;
}

const WORD = 0x1_0000_0000;

/** Writes one value, until `finish`. */
export class Encoder {
  /** Undefined once it is finished. */
  #scratch: Scratch | undefined;
  #length = 0;

  constructor() {
    this.#scratch = spare ?? new Scratch(SCRATCH_LENGTH);
    spare = undefined;
  }

  /** A domain tag: u8 length and ASCII text. First in everything that is signed or hashed. */
  tag(tag: Tag): this {
    const bytes = bytesOfTag(tag);
    return this.fixed(bytes, bytes.length);
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, "u8 out of range");
    const at = this.#reserve(1);
    this.#open.view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, "u16 out of range");
    const at = this.#reserve(2);
    this.#open.view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, "u32 out of range");
    const at = this.#reserve(4);
    this.#open.view.setUint32(at, value);
    return this;
  }

  u64(value: bigint | number): this {
    const at = this.#reserve(8);
    const { view } = this.#open;
    if (typeof value === "bigint") {
      assert(value >= 0n && value <= U64_MAX, "u64 out of range");
      view.setBigUint64(at, value);
      return this;
    }
    // Heights, times and counts: in two halves, because each bigint is an object of its own.
    assert(Number.isSafeInteger(value) && value >= 0, "u64 out of range");
    view.setUint32(at, Math.floor(value / WORD));
    view.setUint32(at + 4, value % WORD);
    return this;
  }

  /** Writes bytes whose length both sides know. */
  fixed(value: Bytes, length: number): this {
    // Not assert, whose message would be built for every written field.
    if (value.length !== length) {
      throw new InvariantViolation(`expected ${length} bytes, not ${value.length}`);
    }
    const at = this.#reserve(length);
    this.#open.buffer.set(value, at);
    return this;
  }

  bytes(value: Bytes): this {
    return this.u32(value.length).fixed(value, value.length);
  }

  string(value: string): this {
    assert(value.isWellFormed(), "text with a lone surrogate");
    return this.bytes(utf8(value));
  }

  boolean(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  optional<T>(value: T | undefined, write: (value: T, encoder: Encoder) => void): this {
    this.boolean(value !== undefined);
    if (value !== undefined) write(value, this);
    return this;
  }

  list<T>(items: readonly T[], write: (item: T, encoder: Encoder) => void): this {
    this.u32(items.length);
    for (const item of items) write(item, this);
    return this;
  }

  /** Returns the bytes written; nothing can be written after that. */
  finish(): Bytes {
    return this.lend((bytes) => bytes.slice());
  }

  /** The digest of the bytes written, as of `finish`. */
  digest(hash: Hash): Digest {
    return this.lend((bytes) => hash(bytes));
  }

  /**
   * Gives the bytes written to `use`, which keeps neither them nor a view of a part, but copies what it needs: the next encoder
   * writes over them. Bytes that are not kept need no memory of their own, which the collector would have to free. Nothing can be
   * written after that.
   */
  lend<T>(use: (bytes: Bytes) => T): T {
    const { buffer } = this.#open;
    const result = use(buffer.subarray(0, this.#length));
    if (buffer.length === SCRATCH_LENGTH) spare = this.#open;
    this.#scratch = undefined;
    return result;
  }

  get #open(): Scratch {
    assert(this.#scratch !== undefined, "an encoder writes nothing after its end");
    return this.#scratch;
  }

  #reserve(width: number): number {
    const { buffer } = this.#open;
    const at = this.#length;
    if (at + width > buffer.length) {
      const grown = new Scratch(Math.max(buffer.length * 2, at + width));
      grown.buffer.set(buffer);
      this.#scratch = grown;
    }
    this.#length = at + width;
    return at;
  }
}

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the bytes that an Encoder wrote; throws EncodingError for anything else. Wrap it with `decodeStrict`. */
export class Decoder {
  readonly #bytes: Bytes;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  tag(tag: Tag): void {
    if (!this.isNext(bytesOfTag(tag))) {
      throw new EncodingError("malformed", `does not begin with the tag ${tag}`);
    }
  }

  /** Reads as many bytes as `expected` has; true if they are the same. False, too, if fewer are left. */
  isNext(expected: Bytes): boolean {
    const { length } = expected;
    if (this.#offset + length > this.#bytes.length) return false;
    const at = this.#advance(length);
    for (let i = 0; i < length; i++) if (this.#bytes[at + i] !== expected[i]) return false;
    return true;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8));
  }

  /** A u64 that JavaScript represents exactly: heights, views, times. */
  safeU64(): number {
    const at = this.#advance(8);
    const value = this.#view.getUint32(at) * WORD + this.#view.getUint32(at + 4);
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new EncodingError("limit", "integer above 2^53 - 1");
    }
    return value;
  }

  fixed(length: number): Bytes {
    return this.#take(length);
  }

  bytes(lengthMax: number): Bytes {
    const length = this.u32();
    if (length > lengthMax) {
      throw new EncodingError("limit", `${length} bytes where ${lengthMax} are allowed`);
    }
    return this.#take(length);
  }

  string(lengthMax: number): string {
    const bytes = this.bytes(lengthMax);
    const ascii = readAscii(bytes);
    if (ascii !== undefined) return ascii;
    try {
      return textDecoder.decode(bytes);
    } catch {
      throw new EncodingError("malformed", "text is not UTF-8");
    }
  }

  boolean(): boolean {
    const value = this.u8();
    if (value > 1) throw new EncodingError("malformed", "a flag is neither 0 nor 1");
    return value === 1;
  }

  optional<T>(read: (decoder: Decoder) => T): T | undefined {
    return this.boolean() ? read(this) : undefined;
  }

  list<T>(countMax: number, read: (decoder: Decoder) => T): T[] {
    const count = this.u32();
    if (count > countMax) {
      throw new EncodingError("limit", `${count} items where ${countMax} are allowed`);
    }
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }

  /** The number of bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) {
      throw new EncodingError("malformed", `${this.#bytes.length - this.#offset} bytes too many`);
    }
  }

  #take(length: number): Bytes {
    const at = this.#advance(length);
    return this.#bytes.slice(at, at + length);
  }

  #advance(width: number): number {
    const at = this.#offset;
    if (at + width > this.#bytes.length) throw new EncodingError("malformed", "ends too early");
    this.#offset = at + width;
    return at;
  }
}

/** Runs `read` over exactly all of `bytes`; returns the fault as a value. */
export function decodeStrict<T>(bytes: Bytes, read: (decoder: Decoder) => T): T | EncodingError {
  try {
    const decoder = new Decoder(bytes);
    const value = read(decoder);
    decoder.end();
    return value;
  } catch (error) {
    if (error instanceof EncodingError) return error;
    throw error;
  }
}
