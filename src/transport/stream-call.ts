/**
 * A stream of answers that a listener gives itself, in the protocol of the request or as Server-Sent Events. The next answer is
 * asked for when the caller has taken the last one: nothing queues up for a slow one, and one that does not read in time is left. A
 * stream ends when its caller's credential does.
 */
import { type Message, toBinary } from "@bufbuild/protobuf";
import { type Bytes, utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { FailureReporter } from "./call-errors.ts";
import { hasEnvelopes } from "./dialect.ts";
import { cutUnreadAnswer, type Exchange, isGone, refuse } from "./exchange.ts";
import type { CallerRights, HttpResponse } from "./http-adapter.ts";
import { Refusal } from "./refusal.ts";
import { enveloped, streamEnd } from "./refusal-answer.ts";
import type { StreamRoute } from "./routes.ts";
import type { CallTime, RunningCalls } from "./running-calls.ts";
import { startInterval, startTimer } from "./timers.ts";
import { readQuestion } from "./unary-question.ts";
import { type Incoming, notWhole, type ReadBounds } from "./universal-call.ts";

interface Streaming extends ReadBounds {
  readonly running: RunningCalls;
  readonly failures: FailureReporter;
  readonly answerReadMs?: number | undefined;
}

export interface IncomingStream extends Incoming<StreamRoute> {
  readonly rights: CallerRights | undefined;
}

/** The form in which the answers and the end of a stream are written. */
interface StreamForm {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: (message: Message) => Bytes;
  readonly end: (refusal: Refusal | undefined) => {
    readonly body: Bytes;
    readonly trailers: Readonly<Record<string, string>>;
  };
}

interface StreamQuestion {
  readonly message: Message;
  readonly timeLeftMs: number | undefined;
  readonly form: StreamForm;
}

/** Streams that are equally far have their messages in common: each is encoded once. */
const encoded = new WeakMap<Message, Bytes>();
const encodedEvents = new WeakMap<Message, Bytes>();

export async function answerStream(
  listening: Streaming,
  exchange: Exchange,
  incoming: IncomingStream,
): Promise<void> {
  const { request, response } = exchange;
  const question = await questionOf(incoming, listening);
  if (question instanceof Refusal) return refuse(exchange, question);
  if (isGone(request)) return;
  const { form, timeLeftMs } = question;
  const { answerReadMs = LIMITS.unreadAnswers.readMs } = listening;
  const writer = new StreamWriter(response, form, answerReadMs);
  const end = await listening.running.run(response, timeLeftMs, (time) =>
    give(question, { listening, incoming, time, writer }),
  );
  if (isGone(request)) return;
  if (end !== undefined) exchange.progress.outcome = end.reason;
  if (end !== undefined && !writer.hasBegun) return refuse(exchange, end);
  // What the caller has not read yet is given back in time.
  cutUnreadAnswer(exchange);
  writer.end(end);
}

/** Gives the answers until there are no more; the refusal with which the stream ends. */
async function give(
  { message }: StreamQuestion,
  parts: {
    readonly listening: Streaming;
    readonly incoming: IncomingStream;
    readonly time: CallTime;
    readonly writer: StreamWriter;
  },
): Promise<Refusal | undefined> {
  const { listening, incoming, time, writer } = parts;
  const { route, values, rights } = incoming;
  const { method, stream } = route;
  const watch = new RightsWatch(rights, time.signal, (error) =>
    listening.failures.refusalFor(error, time.signal),
  );
  const { signal } = watch;
  const context = { service: method.parent, method, values, signal, timeoutMs: time.timeoutMs };
  try {
    for await (const answer of stream(message, context)) {
      if (answer instanceof Refusal) return answer;
      if (signal.aborted) break;
      const refusal = await writer.send(answer, signal);
      if (refusal !== undefined) return refusal;
    }
    return watch.lost ?? (signal.aborted ? refusalFor(time, listening) : undefined);
  } catch (error) {
    return watch.lost ?? listening.failures.refusalFor(error, time.signal);
  } finally {
    watch.stop();
  }
}

function refusalFor({ signal }: CallTime, { failures }: Streaming): Refusal {
  return failures.refusalFor(signal.reason, signal);
}

/** Judges the caller's credential while a stream is open, whether or not anything is sent on it. */
class RightsWatch {
  readonly #end = new AbortController();
  readonly #stop: () => void;
  readonly #failed: (error: unknown) => Refusal;
  /** Aborts with the call, or when the credential does not hold any more. */
  readonly signal: AbortSignal;
  #lost: Refusal | undefined;

  /** `failed`: the refusal for a failure of this program. */
  constructor(
    rights: CallerRights | undefined,
    call: AbortSignal,
    failed: (error: unknown) => Refusal,
  ) {
    this.#failed = failed;
    this.signal = AbortSignal.any([call, this.#end.signal]);
    this.#stop = this.#watch(rights);
  }

  /** The refusal, if the credential holds no more. */
  get lost(): Refusal | undefined {
    return this.#lost;
  }

  stop(): void {
    this.#stop();
  }

  #watch(rights: CallerRights | undefined): () => void {
    if (rights === undefined) return () => undefined;
    const { holdsMs, recheck } = rights;
    if (holdsMs !== undefined)
      return startTimer(Math.max(0, holdsMs), () => this.#lose(outOfTime()));
    let isAsking = false;
    return startInterval(LIMITS.recheckMs, () => {
      if (isAsking) return;
      isAsking = true;
      recheck().then(
        (refusal) => {
          isAsking = false;
          if (refusal !== undefined) this.#lose(refusal);
        },
        (error: unknown) => this.#lose(this.#failed(error)),
      );
    });
  }

  #lose(refusal: Refusal): void {
    this.#lost ??= refusal;
    this.#end.abort(this.#lost);
  }
}

/** Writes a stream at the pace of its reader. */
class StreamWriter {
  readonly #response: HttpResponse;
  readonly #form: StreamForm;
  readonly #readMs: number;
  #hasBegun = false;

  constructor(response: HttpResponse, form: StreamForm, readMs: number) {
    this.#response = response;
    this.#form = form;
    this.#readMs = readMs;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Settles when the caller has taken nearly all of it in, or at `signal`; with the refusal if it did not in time. */
  async send(message: Message, signal: AbortSignal): Promise<Refusal | undefined> {
    this.#begin();
    if (this.#response.write(this.#form.bytes(message))) return undefined;
    return await this.#drained(signal);
  }

  end(refusal: Refusal | undefined): void {
    this.#begin();
    const { body, trailers } = this.#form.end(refusal);
    if (body.length > 0) this.#response.write(body);
    if (Object.keys(trailers).length > 0) this.#response.addTrailers(trailers);
    this.#response.end();
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#response.writeHead(200, this.#form.headers);
  }

  #drained(signal: AbortSignal): Promise<Refusal | undefined> {
    return new Promise((resolve) => {
      const settle = (refusal?: Refusal): void => {
        stop();
        this.#response.off("drain", onward).off("close", onward);
        signal.removeEventListener("abort", onward);
        resolve(refusal);
      };
      const onward = () => settle();
      const stop = startTimer(this.#readMs, () => settle(unread(this.#readMs)));
      this.#response.on("drain", onward).on("close", onward);
      signal.addEventListener("abort", onward);
      if (signal.aborted) onward();
    });
  }
}

async function questionOf(
  incoming: IncomingStream,
  bounds: ReadBounds,
): Promise<StreamQuestion | Refusal> {
  const { request, query, bodyDigest, route } = incoming;
  const { events } = route;
  if (events === undefined) return await readMessage(incoming, bounds);
  // Otherwise the end of the request would not be seen, and its body would count as late.
  request.resume();
  if (bodyDigest !== undefined) return notWhole();
  const message = events.question(query, request);
  if (message instanceof Refusal) return message;
  const form: StreamForm = {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    bytes: (answer) => once(encodedEvents, answer, events.bytes),
    end: (refusal) => ({
      body: refusal === undefined ? utf8("") : events.end(refusal),
      trailers: {},
    }),
  };
  return { message, timeLeftMs: undefined, form };
}

async function readMessage(
  incoming: IncomingStream,
  bounds: ReadBounds,
): Promise<StreamQuestion | Refusal> {
  const question = await readQuestion(incoming, bounds);
  if (question instanceof Refusal) return question;
  const { dialect, message, timeLeftMs } = question;
  const { output } = incoming.route.method;
  // The others have no streams: `dialectOf` refuses them.
  const wire = hasEnvelopes(dialect) ? dialect : "connect";
  const form: StreamForm = {
    headers: { "content-type": `application/${wire}+proto` },
    bytes: (answer) => once(encoded, answer, (whole) => enveloped(0, toBinary(output, whole))),
    end: (refusal) => streamEnd(refusal, wire),
  };
  return { message, timeLeftMs, form };
}

function once(
  kept: WeakMap<Message, Bytes>,
  message: Message,
  encode: (message: Message) => Bytes,
): Bytes {
  const bytes = kept.get(message) ?? encode(message);
  kept.set(message, bytes);
  return bytes;
}

function unread(readMs: number): Refusal {
  return new Refusal("DEADLINE_EXCEEDED", {
    message: `the events were not read within ${readMs / 1000} seconds`,
    remedy: "Call again with the cursor of the last event that you handled, and read faster.",
  });
}

function outOfTime(): Refusal {
  return new Refusal("UNAUTHENTICATED", {
    message: "the signature was good for so long; the stream ends with it",
    field: "authorization",
    remedy: "Sign a new call with the cursor of the last event that you handled.",
  });
}
