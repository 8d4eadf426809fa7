/**
 * Cuts the messages of a stream from its bytes as they arrive: each has flags and its length before it, in Connect's protocol
 * and in gRPC's alike. Memory is taken as bytes arrive, not as a length claims, and each message has memory of its own, so that a
 * part of it that is kept does not keep what came beside it.
 */
import type { Bytes } from "../primitives/bytes.ts";
import { Refusal } from "./refusal.ts";

const HEAD_BYTES = 5;
/** Flags of a message that is not packed, and the one of a packed one. */
const PLAIN = 0;
const PACKED = 1;
/** Memory that the first bytes of a message take at once. */
const FIRST_BYTES_MAX = 16 * 1024;

const NO_BYTES: Bytes = new Uint8Array();

export class EnvelopeReader {
  readonly #bytesMax: number;
  readonly #chunks: Bytes[] = [];
  /** Of the first chunk, from where it is unread. */
  #at = 0;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headFilled = 0;
  #length = 0;
  #body: Bytes = NO_BYTES;
  #bodyFilled = 0;

  /** `bytesMax`: of one message. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** True if the bytes so far end with a whole message. */
  get isBetweenMessages(): boolean {
    return this.#headFilled === 0 && this.#chunks.length === 0;
  }

  push(chunk: Bytes): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
  }

  /** The next message; undefined until more bytes come. After a refusal nothing may be read any more. */
  next(): Bytes | Refusal | undefined {
    while (this.#headFilled < HEAD_BYTES) {
      if (this.#chunks.length === 0) return undefined;
      this.#headFilled += this.#fill(this.#head, this.#headFilled, HEAD_BYTES);
      if (this.#headFilled === HEAD_BYTES) {
        const refusal = this.#begin();
        if (refusal !== undefined) return refusal;
      }
    }
    while (this.#bodyFilled < this.#length) {
      if (this.#chunks.length === 0) return undefined;
      this.#bodyFilled += this.#fill(this.#roomyBody(), this.#bodyFilled, this.#length);
    }
    const message = this.#body;
    this.#headFilled = 0;
    this.#body = NO_BYTES;
    return message;
  }

  #begin(): Refusal | undefined {
    const [flags = 0] = this.#head;
    if (flags === PACKED) return malformed("the message is compressed, and no coding was agreed");
    if (flags !== PLAIN) return malformed("the envelope has flags that are unknown");
    this.#length = new DataView(this.#head.buffer).getUint32(1);
    this.#bodyFilled = 0;
    if (this.#length <= this.#bytesMax) return undefined;
    return new Refusal("TOO_LARGE", {
      message: `the message is larger than ${this.#bytesMax} bytes`,
    });
  }

  /** The body with room for at least one more byte. */
  #roomyBody(): Bytes {
    if (this.#bodyFilled < this.#body.length) return this.#body;
    const size = Math.min(this.#length, Math.max(FIRST_BYTES_MAX, this.#body.length * 2));
    const larger = new Uint8Array(size);
    larger.set(this.#body);
    this.#body = larger;
    return larger;
  }

  /** Copies from the first chunk to `target`, from `start` to at most `end`; gives the number of bytes. */
  #fill(target: Bytes, start: number, end: number): number {
    const chunk = this.#chunks[0] ?? NO_BYTES;
    const count = Math.min(chunk.length - this.#at, Math.min(end, target.length) - start);
    target.set(chunk.subarray(this.#at, this.#at + count), start);
    this.#at += count;
    if (this.#at === chunk.length) {
      this.#chunks.shift();
      this.#at = 0;
    }
    return count;
  }
}

function malformed(message: string): Refusal {
  return new Refusal("MALFORMED", { message });
}
