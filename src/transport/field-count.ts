/**
 * Counts the fields of binary messages as they arrive, before they are decoded. A field may take two bytes on the
 * wire and a hundred in memory, and costs a microsecond: decoding one message of 16 MiB could keep the node busy for
 * ten seconds and fill a gigabyte.  Only bytes that an encoder would write are accepted. Bytes that a decoder could
 * read differently are refused, so that the count is always that of the decoder.
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { Bytes } from "../primitives/bytes.ts";
import { Refusal } from "./refusal.ts";

/** Wire types of the protobuf encoding; encoders no longer write groups. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** The longest tag or length, and the longest value, in bytes. */
const SHORT_VARINT_BYTES_MAX = 5;
const VARINT_BYTES_MAX = 10;
const UINT32_MAX = 0xffff_ffff;

/** A message being read, and its end. */
interface Level {
  readonly message: DescMessage;
  readonly end: number;
}

type Expected = "tag" | "value" | "length";

export class FieldCount {
  readonly #max: number;
  readonly #whole: Level;
  /** The messages around the current position, the innermost last. */
  readonly #levels: Level[] = [];
  #count = 0;
  /** Of the next byte, counted from the beginning of the message. */
  #offset = 0;
  /** Bytes before this position are content. */
  #contentEnd = 0;
  #expected: Expected = "tag";
  #varint = 0;
  #varintBytes = 0;
  #field = 0;

  constructor(message: DescMessage, max: number) {
    this.#whole = { message, end: Number.POSITIVE_INFINITY };
    this.#max = max;
  }

  /** Reads the next bytes of the message; gives the reason if it is refused. */
  take(bytes: Bytes): Refusal | undefined {
    let at = 0;
    while (at < bytes.length) {
      const content = Math.min(this.#contentEnd - this.#offset, bytes.length - at);
      if (content > 0) {
        at += content;
        this.#offset += content;
      } else {
        const refusal = this.#takeByte(bytes[at] ?? 0);
        if (refusal !== undefined) return refusal;
        at += 1;
      }
    }
    return undefined;
  }

  #takeByte(byte: number): Refusal | undefined {
    this.#leave();
    this.#offset += 1;
    this.#varintBytes += 1;
    const bytesMax = this.#expected === "value" ? VARINT_BYTES_MAX : SHORT_VARINT_BYTES_MAX;
    if (this.#varintBytes > bytesMax) return malformed();
    // No bitwise operators, which would cut off the bits that make a number too large.
    this.#varint += (byte & 0x7f) * 2 ** (7 * (this.#varintBytes - 1));
    if (byte >= 0x80) return undefined;
    const [read, expected] = [this.#varint, this.#expected];
    this.#varint = 0;
    this.#varintBytes = 0;
    this.#expected = "tag";
    if (expected === "value") return undefined;
    // Decoders cut off such a number, each in its own way.
    if (read > UINT32_MAX) return malformed();
    return expected === "tag" ? this.#begin(read) : this.#enter(read);
  }

  #begin(tag: number): Refusal | undefined {
    this.#count += 1;
    if (this.#count > this.#max) {
      return new Refusal("LIMIT", { message: `a message has more than ${this.#max} fields` });
    }
    this.#field = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT:
        this.#expected = "value";
        return undefined;
      case DELIMITED:
        this.#expected = "length";
        return undefined;
      case FIXED64:
        return this.#pass(8);
      case FIXED32:
        return this.#pass(4);
      default:
        return malformed();
    }
  }

  #enter(length: number): Refusal | undefined {
    const { message } = this.#level;
    const inner = message.fields.find(({ number }) => number === this.#field)?.message;
    const end = this.#offset + length;
    if (end > this.#level.end) return malformed();
    if (inner === undefined) return this.#pass(length);
    this.#levels.push({ message: inner, end });
    return undefined;
  }

  #pass(length: number): Refusal | undefined {
    this.#contentEnd = this.#offset + length;
    return this.#contentEnd > this.#level.end ? malformed() : undefined;
  }

  /** The message is complete: continues with the one around it. */
  #leave(): void {
    if (this.#varintBytes > 0 || this.#expected !== "tag") return;
    while (this.#levels.length > 0 && this.#offset >= this.#level.end) this.#levels.pop();
  }

  get #level(): Level {
    return this.#levels.at(-1) ?? this.#whole;
  }
}

function malformed(): Refusal {
  return new Refusal("MALFORMED", { message: "the body is no message" });
}
