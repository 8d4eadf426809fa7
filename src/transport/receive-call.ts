/**
 * A stream of messages from a caller, which the listener reads itself and answers with one message at its end. The next message is
 * taken when the last one was handled: of a caller that sends faster, no more is read than one chunk, and flow control holds the
 * rest. Connect's handler would pass each message through a chain of iterators, which costs more than most messages.
 */
import type { Readable } from "node:stream";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Bytes, concatBytes } from "../primitives/bytes.ts";
import type { FailureReporter } from "./call-errors.ts";
import { readCoding } from "./compression.ts";
import { codingHeadersOf, hasEnvelopes } from "./dialect.ts";
import { EnvelopeReader } from "./envelope-reader.ts";
import { cutUnreadAnswer, type Exchange, isGone, refuse } from "./exchange.ts";
import { Refusal } from "./refusal.ts";
import { enveloped, streamEnd } from "./refusal-answer.ts";
import type { ReceiverRoute } from "./routes.ts";
import type { CallTime, RunningCalls } from "./running-calls.ts";
import { headerOf, readHead } from "./unary-question.ts";
import type { UnaryContext } from "./unary-service.ts";
import { dialectOf, type Incoming, notWhole, type ReadBounds } from "./universal-call.ts";

/** A stream of messages that a service takes in. */
export interface Receiver {
  /** Aborts when the service wants no more, which is no fault of the caller, and when the call is over. */
  readonly enough: AbortSignal;
  /** Handles one message, as its binary encoding; the next one is read only then. A refusal ends the stream. */
  readonly take: (message: Bytes) => Promise<Refusal | undefined>;
  /** Called once, when the stream is over and the last message handled. */
  readonly end: () => void;
}

export type OpenReceiver = (context: UnaryContext) => Receiver | Refusal;

interface Listening extends ReadBounds {
  readonly running: RunningCalls;
  readonly failures: FailureReporter;
}

export async function receiveStream(
  listening: Listening,
  exchange: Exchange,
  incoming: Incoming<ReceiverRoute>,
): Promise<void> {
  const { request, response } = exchange;
  const { route, bodyDigest } = incoming;
  // A digest says nothing of a stream before its end.
  if (bodyDigest !== undefined) return refuse(exchange, notWhole());
  const dialect = dialectOf(incoming, listening);
  if (dialect instanceof Refusal) return refuse(exchange, dialect);
  const head = readHead(request, dialect, listening);
  if (head instanceof Refusal) return refuse(exchange, head);
  const { request: name } = codingHeadersOf(dialect);
  const coding = readCoding({ name, value: headerOf(request, name) }, []);
  if (coding instanceof Refusal) return refuse(exchange, coding);
  const end = await listening.running.run(response, head.timeLeftMs, (time) =>
    receive(listening, incoming, time),
  );
  if (isGone(request)) return;
  if (end !== undefined) return refuse(exchange, end);
  cutUnreadAnswer(exchange);
  // The others have no streams: `dialectOf` refuses them.
  const wire = hasEnvelopes(dialect) ? dialect : "connect";
  const { body, trailers } = streamEnd(undefined, wire);
  const { output } = route.method;
  response.writeHead(200, { "content-type": `application/${wire}+proto` });
  response.write(concatBytes(enveloped(0, toBinary(output, create(output))), body));
  if (Object.keys(trailers).length > 0) response.addTrailers(trailers);
  response.end();
}

/** Takes messages to the end of the stream; the refusal with which it ends. */
async function receive(
  { messageBytesMax, failures }: Listening,
  { request, route, values }: Incoming<ReceiverRoute>,
  time: CallTime,
): Promise<Refusal | undefined> {
  const { method, receiver: open } = route;
  const { signal, timeoutMs } = time;
  try {
    const receiver = open({ service: method.parent, method, values, signal, timeoutMs });
    if (receiver instanceof Refusal) return receiver;
    try {
      // Not the request of Node's HTTP/1.1 interface, through which each chunk would go once more.
      const source = "stream" in request ? request.stream : request;
      const reader = new RequestReader(source, messageBytesMax, receiver.take);
      const refusal = await reader.run(receiver.enough);
      return signal.aborted ? failures.refusalFor(signal.reason, signal) : refusal;
    } finally {
      receiver.end();
    }
  } catch (error) {
    return failures.refusalFor(error, signal);
  }
}

/** Reads the messages of one stream, one after the other. */
class RequestReader {
  readonly #source: Readable;
  readonly #take: Receiver["take"];
  readonly #messages: EnvelopeReader;
  readonly #over = Promise.withResolvers<Refusal | undefined>();
  #isTaking = false;
  #isPaused = false;
  #hasEnded = false;
  /** Set when nothing more is taken. */
  #end: { readonly refusal: Refusal | undefined } | undefined;

  constructor(source: Readable, bytesMax: number, take: Receiver["take"]) {
    this.#source = source;
    this.#take = take;
    this.#messages = new EnvelopeReader(bytesMax);
  }

  /**
   * Settles when the caller ends the stream, a message is refused or `enough` aborts, and the last message is handled; gives
   * the refusal.
   */
  async run(enough: AbortSignal): Promise<Refusal | undefined> {
    const source = this.#source;
    const onAbort = () => this.#stop(undefined);
    const onData = (chunk: Bytes) => this.#read(chunk);
    const onEnd = () => {
      this.#hasEnded = true;
      if (!this.#isTaking) this.#finish();
    };
    const onClose = () => this.#stop(new Refusal("CANCELED", { message: "the caller is gone" }));
    // An error comes before the close, and needs a listener.
    source.on("error", () => undefined);
    source.on("data", onData).on("end", onEnd).on("close", onClose);
    enough.addEventListener("abort", onAbort, { once: true });
    if (enough.aborted) onAbort();
    try {
      return await this.#over.promise;
    } finally {
      source.off("data", onData).off("end", onEnd).off("close", onClose);
      source.pause();
      enough.removeEventListener("abort", onAbort);
    }
  }

  #read(chunk: Bytes): void {
    this.#messages.push(chunk);
    if (!this.#isTaking) {
      this.#takeAll().catch(this.#over.reject);
    } else if (!this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true;
    while (this.#end === undefined) {
      const message = this.#messages.next();
      if (message === undefined) break;
      const refusal = message instanceof Refusal ? message : await this.#take(message);
      if (refusal !== undefined) this.#end ??= { refusal };
    }
    this.#isTaking = false;
    if (this.#end !== undefined) this.#over.resolve(this.#end.refusal);
    else if (this.#hasEnded) this.#finish();
    else if (this.#isPaused) {
      this.#isPaused = false;
      this.#source.resume();
    }
  }

  /** The caller has sent everything, and all of it was read. */
  #finish(): void {
    const isWhole = this.#messages.isBetweenMessages;
    this.#stop(isWhole ? undefined : new Refusal("MALFORMED", { message: "a message is cut off" }));
  }

  /** Takes no further message. */
  #stop(refusal: Refusal | undefined): void {
    this.#end ??= { refusal };
    if (!this.#isTaking) this.#over.resolve(this.#end.refusal);
  }
}
