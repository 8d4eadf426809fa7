/**
 * The canonical encoding: one value has one byte string. Integers are big-endian and of fixed width; variable bytes
 * and text carry a u32 length; an optional value a presence byte 0 or 1; a list a u32 count. Decoding is strict: it
 * refuses every byte string that encoding would not have written. docs/signing.md lists the layouts.
 */
import { assert, InvariantViolation } from "./assert.js";
import { utf8 } from "./bytes.js";
/** The bytes are not a canonical encoding of the expected value. A Decoder throws it; elsewhere it is a value. */
export class EncodingError extends Error {
    name = "EncodingError";
    code;
    constructor(code, message) {
        super(message);
        this.code = code;
    }
}
const U64_MAX = (1n << 64n) - 1n;
/** The growing buffer that an encoder writes into. */
class Scratch {
    buffer;
    view;
    constructor(length) {
        this.buffer = new Uint8Array(length);
        this.view = new DataView(this.buffer.buffer);
    }
}
const SCRATCH_LENGTH = 512;
/** The last encoder's buffer, reused by the next: most encodings are short, and an allocation costs more than they do. */
let spare;
const tagBytes = new Map();
/** Writes one value, until `finish`. */
export class Encoder {
    /** Undefined once it is finished. */
    #scratch;
    #length = 0;
    constructor() {
        this.#scratch = spare ?? new Scratch(SCRATCH_LENGTH);
        spare = undefined;
    }
    /** A domain tag: u8 length and ASCII text. First in everything that is signed or hashed. */
    tag(tag) {
        let text = tagBytes.get(tag);
        if (text === undefined) {
            text = utf8(tag);
            tagBytes.set(tag, text);
        }
        return this.u8(text.length).fixed(text, text.length);
    }
    u8(value) {
        assert(Number.isInteger(value) && value >= 0 && value <= 0xff, "u8 out of range");
        const at = this.#reserve(1);
        this.#open.view.setUint8(at, value);
        return this;
    }
    u16(value) {
        assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, "u16 out of range");
        const at = this.#reserve(2);
        this.#open.view.setUint16(at, value);
        return this;
    }
    u32(value) {
        assert(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, "u32 out of range");
        const at = this.#reserve(4);
        this.#open.view.setUint32(at, value);
        return this;
    }
    u64(value) {
        const wide = BigInt(value);
        assert(wide >= 0n && wide <= U64_MAX, "u64 out of range");
        const at = this.#reserve(8);
        this.#open.view.setBigUint64(at, wide);
        return this;
    }
    /** Writes bytes whose length both sides know. */
    fixed(value, length) {
        // Not assert, whose message would be built for every written field.
        if (value.length !== length) {
            throw new InvariantViolation(`expected ${length} bytes, not ${value.length}`);
        }
        const at = this.#reserve(length);
        this.#open.buffer.set(value, at);
        return this;
    }
    bytes(value) {
        return this.u32(value.length).fixed(value, value.length);
    }
    string(value) {
        assert(value.isWellFormed(), "text with a lone surrogate");
        return this.bytes(utf8(value));
    }
    boolean(value) {
        return this.u8(value ? 1 : 0);
    }
    optional(value, write) {
        this.boolean(value !== undefined);
        if (value !== undefined)
            write(value, this);
        return this;
    }
    list(items, write) {
        this.u32(items.length);
        for (const item of items)
            write(item, this);
        return this;
    }
    /** Returns the bytes written; nothing can be written after that. */
    finish() {
        const scratch = this.#open;
        const bytes = scratch.buffer.slice(0, this.#length);
        this.#scratch = undefined;
        if (scratch.buffer.length === SCRATCH_LENGTH)
            spare = scratch;
        return bytes;
    }
    get #open() {
        assert(this.#scratch !== undefined, "an encoder writes nothing after its end");
        return this.#scratch;
    }
    #reserve(width) {
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
    #bytes;
    #view;
    #offset = 0;
    constructor(bytes) {
        this.#bytes = bytes;
        this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    tag(tag) {
        const expected = utf8(tag);
        const length = this.u8();
        const found = length === expected.length ? this.#take(length) : undefined;
        if (found === undefined || expected.some((byte, i) => byte !== found[i])) {
            throw new EncodingError("malformed", `does not begin with the tag ${tag}`);
        }
    }
    u8() {
        return this.#view.getUint8(this.#advance(1));
    }
    u16() {
        return this.#view.getUint16(this.#advance(2));
    }
    u32() {
        return this.#view.getUint32(this.#advance(4));
    }
    u64() {
        return this.#view.getBigUint64(this.#advance(8));
    }
    /** A u64 that JavaScript represents exactly: heights, views, times. */
    safeU64() {
        const value = this.u64();
        if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
            throw new EncodingError("limit", "integer above 2^53 - 1");
        }
        return Number(value);
    }
    fixed(length) {
        return this.#take(length);
    }
    bytes(lengthMax) {
        const length = this.u32();
        if (length > lengthMax) {
            throw new EncodingError("limit", `${length} bytes where ${lengthMax} are allowed`);
        }
        return this.#take(length);
    }
    string(lengthMax) {
        const bytes = this.bytes(lengthMax);
        try {
            return textDecoder.decode(bytes);
        }
        catch {
            throw new EncodingError("malformed", "text is not UTF-8");
        }
    }
    boolean() {
        const value = this.u8();
        if (value > 1)
            throw new EncodingError("malformed", "a flag is neither 0 nor 1");
        return value === 1;
    }
    optional(read) {
        return this.boolean() ? read(this) : undefined;
    }
    list(countMax, read) {
        const count = this.u32();
        if (count > countMax) {
            throw new EncodingError("limit", `${count} items where ${countMax} are allowed`);
        }
        const items = [];
        for (let i = 0; i < count; i++)
            items.push(read(this));
        return items;
    }
    /** The number of bytes read so far. */
    get offset() {
        return this.#offset;
    }
    end() {
        if (this.#offset !== this.#bytes.length) {
            throw new EncodingError("malformed", `${this.#bytes.length - this.#offset} bytes too many`);
        }
    }
    #take(length) {
        const at = this.#advance(length);
        return this.#bytes.slice(at, at + length);
    }
    #advance(width) {
        const at = this.#offset;
        if (at + width > this.#bytes.length)
            throw new EncodingError("malformed", "ends too early");
        this.#offset = at + width;
        return at;
    }
}
/** Runs `read` over exactly all of `bytes`; returns the fault as a value. */
export function decodeStrict(bytes, read) {
    try {
        const decoder = new Decoder(bytes);
        const value = read(decoder);
        decoder.end();
        return value;
    }
    catch (error) {
        if (error instanceof EncodingError)
            return error;
        throw error;
    }
}
