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
import type { RawAnswer } from "./call-connection.ts";
import type { LaneOptions } from "./call-lane.ts";
import type { PreparedCall } from "./signed-load.ts";

const PATH = `/${LedgerService.typeName}/${LedgerService.method.submitTransactions.name}`;
const HEAD_BYTES = 5;
const END_FLAG = 2;
const WINDOW_BYTES = 4 * 1024 * 1024;
const { underWayMax, perMessageMax } = LIMITS.submitStreams;

export class StreamLane {
  readonly #session: ClientHttp2Session;
  readonly #token: string | undefined;
  readonly #streams: Submission[];
  #next = 0;

  private constructor(session: ClientHttp2Session, count: number, token: string | undefined) {
    this.#session = session;
    this.#token = token;
    this.#streams = Array.from({ length: count }, () => this.#openStream());
    session.on("error", (error) => {
      for (const stream of this.#streams) stream.end(error.message);
    });
  }

  /** Opens as many streams as `inFlightMax` transfers at once need. */
  static open(url: string, { ca, inFlightMax, token }: LaneOptions): StreamLane {
    const session = connect(url, { ca, settings: { initialWindowSize: WINDOW_BYTES } });
    session.once("connect", () => session.setLocalWindowSize(WINDOW_BYTES));
    const count = Math.max(1, Math.ceil(inFlightMax / underWayMax));
    return new StreamLane(session, count, token);
  }

  /** Calls `onAnswer` once. */
  call({ operation }: PreparedCall, onAnswer: (answer: RawAnswer) => void): void {
    if (operation === undefined) throw new Error("a stream takes signed transfers");
    const place = this.#next % this.#streams.length;
    this.#next += 1;
    // Between two turns of a long load a stream may have ended, because nothing was sent on it.
    if (this.#streams[place]?.endedIdle === true) this.#streams[place] = this.#openStream();
    this.#streams[place]?.send(operation, onAnswer);
  }

  #openStream(): Submission {
    const stream = this.#session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/connect+proto",
      "connect-protocol-version": "1",
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
    });
    return new Submission(stream);
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
  /** It ended while nothing was under way. */
  endedIdle = false;

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
      const answer = { status: 0, body: Buffer.from(this.#failure) };
      // In a later turn, because a closed loop sends the next one from within the answer.
      setImmediate(() => onAnswer(answer));
      return;
    }
    this.#waiting.set(number, onAnswer);
    if (this.#unsent.length === 0) setImmediate(() => this.#flush());
    this.#unsent.push({ number, operation });
  }

  /** Answers everything that waits. */
  end(failure: string): void {
    if (this.#failure === undefined) this.endedIdle = this.#waiting.size === 0;
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
