/**
 * One connection of HTTP/2 that carries unary calls with as little work as the protocol allows: Node's own client takes nearly twice
 * the processor time, which the nodes that are measured on the same machine then lack (bench/README.md).
 */
import { connect, type TLSSocket } from "node:tls";
import {
  FLAG,
  FRAME,
  FRAME_BYTES_MAX,
  type Frame,
  FrameReader,
  frame,
  PREFACE,
  RequestHeads,
  readSettings,
  SETTING,
  settingsPayload,
  statusOf,
  TABLE_BYTES,
  UnreadAnswer,
} from "./http2-frames.ts";

/** The answer to a call; status 0 if there was none, with the reason as text. */
export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** The number of the transfer, if it came over a stream, in one message with others. */
  readonly number?: number;
}

export interface RawCall {
  /** The path of the call on the listener, such as /countersign.v1.LedgerService/Transaction. */
  readonly path: string;
  /** The binary request. */
  readonly body: Buffer;
}

/** RFC 9113 section 6.9.2. */
const WINDOW_BYTES_FIRST = 65_535;
/** The longest answer, and bytes that the server may send before it is told that they are read. */
const ANSWER_BYTES_MAX = 1 << 20;
const ANSWERS_BYTES = 1 << 24;
/** RFC 9110 section 15.2: below it an answer is not the last one. */
const FINAL_STATUS = 200;

interface OpenCall {
  readonly onAnswer: (answer: RawAnswer) => void;
  readonly parts: Buffer[];
  status: number;
  bytes: number;
}

export class CallConnection {
  readonly #socket: TLSSocket;
  readonly #heads: RequestHeads;
  readonly #reader = new FrameReader();
  readonly #open = new Map<number, OpenCall>();
  readonly #ready = Promise.withResolvers<void>();
  #waiting: { readonly call: RawCall; readonly onAnswer: (answer: RawAnswer) => void }[] = [];
  #unsent: Buffer[] = [];
  #nextStream = 1;
  #streamsMax = Number.POSITIVE_INFINITY;
  /** Bytes of bodies that the server still takes; a body goes out as one frame. */
  #window = WINDOW_BYTES_FIRST;
  #bodyBytesMax = FRAME_BYTES_MAX;
  /** Bytes of answers since the server was last told that they are read. */
  #readBytes = 0;
  #end: Error | undefined;

  private constructor(socket: TLSSocket, heads: RequestHeads) {
    this.#socket = socket;
    this.#heads = heads;
    const settings = settingsPayload([
      [SETTING.headerTableSize, 0],
      [SETTING.enablePush, 0],
      [SETTING.initialWindowSize, ANSWER_BYTES_MAX],
    ]);
    socket.write(Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0, settings)]));
    socket.write(windowUpdate(ANSWERS_BYTES));
    socket.on("secureConnect", () => {
      if (socket.alpnProtocol !== "h2") this.#over(new Error("the server does not speak HTTP/2"));
    });
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#over(error));
    socket.on("close", () => this.#over(new Error("the connection has ended")));
  }

  /** Settles when the server has told its settings. `headers`: sent with each call, names in lower case. */
  static async open(
    url: string,
    { ca, headers }: { readonly ca: string; readonly headers: Readonly<Record<string, string>> },
  ): Promise<CallConnection> {
    const { hostname: host, port, host: authority } = new URL(url);
    const socket = connect({
      host,
      port: Number(port),
      servername: host,
      ca,
      ALPNProtocols: ["h2"],
    });
    const connection = new CallConnection(socket, new RequestHeads(authority, headers));
    await connection.#ready.promise;
    return connection;
  }

  get underWay(): number {
    return this.#open.size + this.#waiting.length;
  }

  /** Calls `onAnswer` once. A call beyond what the server takes now waits. */
  call(call: RawCall, onAnswer: (answer: RawAnswer) => void): void {
    if (this.#end !== undefined) throw new Error("a connection ended", { cause: this.#end });
    if (call.body.length > this.#bodyBytesMax) throw new Error("a body is too long for one frame");
    this.#waiting.push({ call, onAnswer });
    this.#sendWaiting();
  }

  close(): void {
    this.#socket.destroy();
  }

  #sendWaiting(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || this.#open.size >= this.#streamsMax) return;
      if (next.call.body.length > this.#window) return;
      this.#waiting.shift();
      this.#begin(next.call, next.onAnswer);
    }
  }

  #begin({ path, body }: RawCall, onAnswer: (answer: RawAnswer) => void): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#window -= body.length;
    this.#open.set(stream, { onAnswer, parts: [], status: 0, bytes: 0 });
    this.#send(frame(FRAME.headers, FLAG.endHeaders, stream, this.#heads.post(path)));
    this.#send(frame(FRAME.data, FLAG.endStream, stream, body));
  }

  /** All frames of one turn of the event loop go out together. */
  #send(bytes: Buffer): void {
    if (this.#unsent.length === 0) {
      setImmediate(() => {
        const unsent = this.#unsent;
        this.#unsent = [];
        this.#socket.write(Buffer.concat(unsent));
      });
    }
    this.#unsent.push(bytes);
  }

  #take(chunk: Buffer): void {
    try {
      for (const next of this.#reader.read(chunk)) this.#takeFrame(next);
    } catch (error) {
      if (!(error instanceof UnreadAnswer)) throw error;
      this.#over(error);
    }
  }

  #takeFrame({ type, flags, stream, payload }: Frame): void {
    if (type === FRAME.data) this.#takeData(flags, stream, payload);
    else if (type === FRAME.headers) this.#takeHead(flags, stream, payload);
    else if (type === FRAME.reset)
      this.#answered(stream, `reset with code ${payload.readUInt32BE(0)}`);
    else if (type === FRAME.continuation)
      throw new UnreadAnswer("the head of an answer is in parts");
    else this.#takeControl(type, flags, stream, payload);
  }

  #takeData(flags: number, stream: number, payload: Buffer): void {
    if ((flags & FLAG.padded) !== 0) throw new UnreadAnswer("an answer is padded");
    this.#countRead(payload.length);
    const call = this.#open.get(stream);
    if (call !== undefined && payload.length > 0) {
      call.bytes += payload.length;
      // The server stops at it, since it is never told that a part of one answer is read.
      if (call.bytes >= ANSWER_BYTES_MAX) throw new UnreadAnswer("an answer is too long");
      // A copy, because it is kept longer than what else came with it.
      call.parts.push(Buffer.from(payload));
    }
    if ((flags & FLAG.endStream) !== 0) this.#answered(stream);
  }

  #takeHead(flags: number, stream: number, payload: Buffer): void {
    if ((flags & (FLAG.padded | FLAG.priority)) !== 0 || (flags & FLAG.endHeaders) === 0) {
      throw new UnreadAnswer("the head of an answer is padded, has a priority or is in parts");
    }
    const call = this.#open.get(stream);
    // An answer with a status below 200 is not the last one, and trailers have none.
    if (call !== undefined && call.status < FINAL_STATUS) call.status = statusOf(payload);
    if ((flags & FLAG.endStream) !== 0) this.#answered(stream);
  }

  #takeControl(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FRAME.windowUpdate && stream === 0) {
      this.#window += payload.readUInt32BE(0) & 0x7fff_ffff;
      this.#sendWaiting();
    } else if (type === FRAME.goAway) {
      this.#over(new Error(`the server ends it with code ${payload.readUInt32BE(4)}`));
    } else if ((flags & FLAG.acknowledged) !== 0) {
      return;
    } else if (type === FRAME.ping) {
      this.#send(frame(FRAME.ping, FLAG.acknowledged, 0, Buffer.from(payload)));
    } else if (type === FRAME.settings) {
      this.#takeSettings(payload);
    }
  }

  #takeSettings(payload: Buffer): void {
    for (const [id, value] of readSettings(payload)) {
      if (id === SETTING.concurrentStreamsMax) this.#streamsMax = value;
      if (id === SETTING.initialWindowSize) this.#bodyBytesMax = Math.min(value, FRAME_BYTES_MAX);
      if (id === SETTING.headerTableSize && value < TABLE_BYTES) {
        throw new UnreadAnswer("the server keeps a smaller table of fields");
      }
    }
    this.#send(frame(FRAME.settings, FLAG.acknowledged, 0, Buffer.alloc(0)));
    this.#ready.resolve();
  }

  #countRead(bytes: number): void {
    this.#readBytes += bytes;
    if (this.#readBytes < ANSWERS_BYTES / 2) return;
    this.#send(windowUpdate(this.#readBytes));
    this.#readBytes = 0;
  }

  #answered(stream: number, failure?: string): void {
    const call = this.#open.get(stream);
    if (call === undefined) return;
    this.#open.delete(stream);
    const { status, parts, onAnswer } = call;
    const [only] = parts;
    const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    if (failure === undefined) onAnswer({ status, body: whole });
    else onAnswer({ status: 0, body: Buffer.from(failure) });
    this.#sendWaiting();
  }

  /** Answers everything that is under way. */
  #over(error: Error): void {
    this.#end ??= error;
    this.#ready.reject(error);
    this.#socket.destroy();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const stream of [...this.#open.keys()]) this.#answered(stream, error.message);
    for (const { onAnswer } of waiting) onAnswer({ status: 0, body: Buffer.from(error.message) });
  }
}

function windowUpdate(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes, 0);
  return frame(FRAME.windowUpdate, 0, 0, payload);
}
