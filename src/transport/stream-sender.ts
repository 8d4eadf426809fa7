/**
 * Sends the messages of a stream straight to its HTTP/2 stream, each when the last one was written: what waits longer stays with
 * the maker of the messages, whose queue is bounded. Connect's own transport would pass each through a chain of iterators.
 */
import type { ClientHttp2Stream } from "node:http2";
import type { Bytes } from "../primitives/bytes.ts";

export class StreamSender {
  readonly #sent = Promise.withResolvers<void>();
  readonly #envelopes: AsyncIterable<Bytes>;

  /** `envelopes`: the messages, each in its envelope. */
  constructor(envelopes: AsyncIterable<Bytes>) {
    this.#envelopes = envelopes;
    // If the call is over before it is asked, a failure has no one to tell.
    this.#sent.promise.catch(() => undefined);
  }

  /** Begins to send; ends early with the stream. */
  sendOn(stream: ClientHttp2Stream): void {
    const { resolve, reject } = this.#sent;
    this.#sendAll(stream).then(resolve, reject);
  }

  async #sendAll(stream: ClientHttp2Stream): Promise<void> {
    for await (const envelope of this.#envelopes) {
      if (stream.destroyed || stream.writableEnded) return;
      await new Promise<void>((resolve) => {
        stream.write(envelope, () => resolve());
      });
    }
  }

  /** A body without bytes that ends when the messages are sent. */
  ending(): AsyncIterable<never> {
    const next = async () => {
      await this.#sent.promise;
      return { done: true, value: undefined } as const;
    };
    // Connect tells the maker of a body when the answer failed; the sender sees the end of the stream.
    const failed = async (error: unknown) => {
      throw error;
    };
    return { [Symbol.asyncIterator]: () => ({ next, throw: failed }) };
  }
}
