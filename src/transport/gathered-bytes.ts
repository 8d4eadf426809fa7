/**
 * The bytes of one body as they arrive, in one piece of memory. Chunks are not kept: a sender may cut a body into single bytes,
 * and a chunk takes a hundred times the memory of its byte, and too many of them are no list of arguments.
 */
import type { Bytes } from "../primitives/bytes.ts";

export class GatheredBytes {
  #bytes: Bytes = new Uint8Array();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Bytes): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** The bytes so far, a view; nothing is pushed while it is used. */
  get view(): Bytes {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The bytes so far in memory of their own, of which none is left over; nothing is pushed afterwards. */
  finish(): Bytes {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}
