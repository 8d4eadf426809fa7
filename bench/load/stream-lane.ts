/**
 * Transfers to one node over streams, with as little work as HTTP/2 allows: what is sent in one turn goes out in one message, and
 * answers are kept as the bytes of the message that brought them.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  LedgerService,
  SubmitTransactionsRequestSchema,
  SubmitTransactionsResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { LIMITS } from "../../src/primitives/limits.ts";
import type { LaneOptions, RawAnswer } from "./call-lane.ts";
import type { PreparedCall } from "./signed-load.ts";

const PATH = `/${LedgerService.typeName}/${LedgerService.method.submitTransactions.name}`;
const HEAD_BYTES = 5;
const END_FLAG = 2;
const WINDOW_BYTES = 4 * 1024 * 1024;
const { underWayMax, perMessageMax } = LIMITS.submitStreams;

export class StreamLane {
  readonly #session: ClientHttp2Session;
  readonly #streams: readonly Submission[];
  #next = 0;

  private constructor(session: ClientHttp2Session, streams: readonly Submission[]) {
    this.#session = session;
    this.#streams = streams;
  }

  /** Opens as many streams as `inFlightMax` transfers at once need. */
  static open(url: string, { ca, inFlightMax, token }: LaneOptions): StreamLane {
    const session = connect(url, { ca, settings: { initialWindowSize: WINDOW_BYTES } });
    session.once("connect", () => session.setLocalWindowSize(WINDOW_BYTES));
    const count = Math.max(1, Math.ceil(inFlightMax / underWayMax));
    const streams = Array.from({ length: count }, () => {
      const stream = session.request({
        ":method": "POST",
        ":path": PATH,
        "content-type": "application/connect+proto",
        "connect-protocol-version": "1",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      });
      return new Submission(stream);
    });
    session.on("error", (error) => {
      for (const stream of streams) stream.end(error.message);
    });
    return new StreamLane(session, streams);
  }

  /** Calls `onAnswer` once. */
  call({ operation }: PreparedCall, onAnswer: (answer: RawAnswer) => void): void {
    if (operation === undefined) throw new Error("a stream takes signed transfers");
    const stream = this.#streams[this.#next % this.#streams.length];
    this.#next += 1;
    stream?.send(operation, onAnswer);
  }

  close(): void {
    this.#session.destroy();
  }
}

/** One stream. */
class Submission {
  readonly #stream: ClientHttp2Stream;
  readonly #waiting = new Map<number, (answer: RawAnswer) => void>();
  #unsent: { readonly number: number; readonly operation: Uint8Array }[] = [];
  #count = 0;
  #parts: Buffer[] = [];
  #failure: string | undefined;

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream;
    stream.on("data", (part: Buffer) => this.#take(part));
    stream.on("error", (error: Error) => this.end(error.message));
    stream.on("close", () => this.end("the stream has ended"));
  }

  send(operation: Uint8Array, onAnswer: (answer: RawAnswer) => void): void {
    const number = this.#count;
    this.#count += 1;
    if (this.#failure !== undefined) {
      onAnswer({ status: 0, body: Buffer.from(this.#failure) });
      return;
    }
    this.#waiting.set(number, onAnswer);
    if (this.#unsent.length === 0) setImmediate(() => this.#flush());
    this.#unsent.push({ number, operation });
  }

  /** Answers everything that waits. */
  end(failure: string): void {
    this.#failure ??= failure;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const onAnswer of waiting) onAnswer({ status: 0, body: Buffer.from(this.#failure) });
  }

  #flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (let at = 0; at < unsent.length; at += perMessageMax) {
      const transfers = unsent.slice(at, at + perMessageMax);
      const message = create(SubmitTransactionsRequestSchema, { transfers });
      this.#stream.write(enveloped(toBinary(SubmitTransactionsRequestSchema, message)));
    }
  }

  #take(part: Buffer): void {
    this.#parts.push(part);
    let held = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    while (held.length >= HEAD_BYTES) {
      const length = held.readUInt32BE(1);
      if (held.length < HEAD_BYTES + length) break;
      this.#read(held[0] ?? 0, held.subarray(HEAD_BYTES, HEAD_BYTES + length));
      held = held.subarray(HEAD_BYTES + length);
    }
    this.#parts = held.length === 0 ? [] : [held];
  }

  #read(flags: number, body: Buffer): void {
    if ((flags & END_FLAG) !== 0) {
      this.end(body.toString());
      return;
    }
    const { results, refusals } = fromBinary(SubmitTransactionsResponseSchema, body);
    for (const { number } of results) this.#answer(number, { status: 200, body, number });
    for (const { number, message } of refusals) {
      this.#answer(number, { status: 0, body: Buffer.from(message) });
    }
  }

  #answer(number: number, answer: RawAnswer): void {
    const onAnswer = this.#waiting.get(number);
    this.#waiting.delete(number);
    onAnswer?.(answer);
  }
}

function enveloped(message: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
