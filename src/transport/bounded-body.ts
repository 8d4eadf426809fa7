/**
 * Bodies of binary calls, passed on as they arrive while no message in them has too many fields (field-count.ts).
 * Packed messages are not counted: their unpacking is bounded elsewhere.
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { Bytes } from "../primitives/bytes.ts";
import { FieldCount } from "./field-count.ts";
import { Refusal } from "./refusal.ts";

export interface FieldLimit {
  readonly message: DescMessage;
  readonly fieldsMax: number;
}

/** Before each message of a stream: flags, and its length. */
const ENVELOPE_BYTES = 5;
const PACKED_FLAG = 1;

/** True if a body of this content type is one message; all others have messages in envelopes. */
export function isBare(contentType: string): boolean {
  return /^application\/proto$/i.test(contentType);
}

/** Throws the error that `asError` makes of the refusal. */
export async function* countedBody(
  chunks: AsyncIterable<Bytes>,
  contentType: string,
  counted: FieldLimit,
  asError: (refusal: Refusal) => Error,
): AsyncGenerator<Bytes> {
  const count = new FieldCount(counted.message, counted.fieldsMax);
  const counter = isBare(contentType) ? count : new EnvelopeCount(counted);
  // Not `for await`, which would end the stream below together with the loop, and with it the answer with the reason.
  const body = chunks[Symbol.asyncIterator]();
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    const refusal = counter.take(next.value);
    if (refusal !== undefined) throw asError(refusal);
    yield next.value;
  }
}

/** A body of which at most `bytesMax` are read. */
export async function* boundedBody(
  chunks: AsyncIterable<Bytes>,
  bytesMax: number,
  asError: (refusal: Refusal) => Error,
): AsyncGenerator<Bytes> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw asError(new Refusal("LIMIT", { message: `more than ${bytesMax} bytes` }));
    }
    yield chunk;
  }
}

/** Every message of a stream is counted by itself. */
class EnvelopeCount {
  readonly #counted: FieldLimit;
  #head: number[] = [];
  #left = 0;
  #count: FieldCount | undefined;

  constructor(counted: FieldLimit) {
    this.#counted = counted;
  }

  take(chunk: Bytes): Refusal | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left);
        const refusal = this.#count?.take(chunk.subarray(at, end));
        if (refusal !== undefined) return refusal;
        this.#left -= end - at;
        at = end;
        continue;
      }
      this.#head.push(chunk[at] ?? 0);
      at += 1;
      if (this.#head.length === ENVELOPE_BYTES) this.#open();
    }
    return undefined;
  }

  #open(): void {
    const [flags = 0, ...length] = this.#head;
    this.#left = length.reduce((sum, byte) => sum * 256 + byte, 0);
    this.#head = [];
    const { message, fieldsMax } = this.#counted;
    const isPacked = (flags & PACKED_FLAG) !== 0;
    this.#count = isPacked ? undefined : new FieldCount(message, fieldsMax);
  }
}
