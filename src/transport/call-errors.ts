/**
 * Errors of a call other than refusals. A failure of this program goes to the node's log under an id, and the caller
 * gets only that id. An error that Connect raised gets the detail that every refusal carries, in every protocol.
 */
import { randomBytes } from "node:crypto";
import {
  Code,
  type ConnectError,
  type ContextValues,
  createContextKey,
  type Interceptor,
  type UnaryRequest,
} from "@connectrpc/connect";
import { createAsyncIterable, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import {
  contentTypeUnaryJson,
  createEndStreamSerialization,
} from "@connectrpc/connect/protocol-connect";
import { findTrailerError, setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { trailerParse, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { type Bytes, concatBytes } from "../primitives/bytes.ts";
import type { CallOutcome } from "./call-observer.ts";
import {
  errorAnswer,
  errorOfBody,
  internalError,
  isConnectError,
  readRefusal,
  toConnectError,
  withDetail,
} from "./errors.ts";
import { Refusal } from "./refusal.ts";
import { envelopeHead } from "./refusal-answer.ts";

/**
 * Called for errors that are not refusals, which are failures of the program. `failure` is the id that the caller
 * gets.
 */
export type OnFailure = (error: unknown, failure: string) => void;

/** The progress of a call: once its handler has begun, Connect's errors are no longer about the request. */
export interface Progress {
  begun: boolean;
  /** As far as it is known. */
  outcome: CallOutcome;
}

const progressKey = createContextKey<Progress | undefined>(undefined, {
  description: "how far the call has come",
});

export function trackProgress(values: ContextValues, progress: Progress): void {
  values.set(progressKey, progress);
}

/** Notes how the call ends, and gives back the error that says so. */
function noted(progress: Progress | undefined, error: ConnectError): ConnectError {
  if (progress !== undefined) progress.outcome = readRefusal(error)?.reason ?? "INTERNAL";
  return error;
}

/** Separates failures of the program, which the node logs, from faults of the request, which the caller learns. */
export class FailureReporter {
  readonly #onFailure: OnFailure;

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** Reports the failure to the node; the caller gets the answer. */
  report(error: unknown): ConnectError {
    const failure = randomBytes(8).toString("hex");
    this.#onFailure(error, failure);
    return internalError(failure);
  }

  /** The refusal for an error of a single call whose question was read; `signal` is the call's. */
  refusalFor(error: unknown, signal: AbortSignal): Refusal {
    const told = this.#judge(error, { stream: false, signal });
    return readRefusal(told) ?? new Refusal("INTERNAL", { message: told.rawMessage });
  }

  /** Wraps every handler, and the stream that it answers with. */
  interceptor(): Interceptor {
    return (next) => async (request) => {
      const progress = request.contextValues.get(progressKey);
      if (progress !== undefined) progress.begun = !request.stream;
      try {
        const response = await next(request);
        if (!response.stream) return response;
        return { ...response, message: this.#guard(response.message, request.signal, progress) };
      } catch (error) {
        throw noted(progress, this.#judge(error, request));
      }
    };
  }

  async *#guard<T>(
    messages: AsyncIterable<T>,
    signal: AbortSignal,
    progress: Progress | undefined,
  ): AsyncGenerator<T> {
    try {
      yield* messages;
    } catch (error) {
      throw noted(progress, this.#judge(error, { stream: true, signal }));
    }
  }

  /** In a stream, Connect's errors are about messages that it reads; a single message was read before. */
  #judge(error: unknown, call: Pick<UnaryRequest, "signal"> & { stream: boolean }): ConnectError {
    if (isConnectError(error)) {
      const isOver = error.code === Code.Canceled || error.code === Code.DeadlineExceeded;
      if (error.details.length > 0 || call.stream || isOver) return withDetail(error);
    }
    const isGone = call.signal.aborted && error === call.signal.reason;
    if (!isGone && !isCutOff(error)) return this.report(error);
    return toConnectError(new Refusal("CANCELED", { message: "the caller is gone" }));
  }
}

/** Node's codes for a body whose sender went away in the middle of it. */
const CUT_OFF: ReadonlySet<unknown> = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"]);

/** The caller is gone, which is not a failure of this program. */
export function isCutOff(error: unknown): error is Error {
  return error instanceof Error && "code" in error && CUT_OFF.has(error.code);
}

export interface CallState {
  readonly failures: FailureReporter;
  readonly progress: Progress;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
}

/** The envelopes that end a stream, by their flags. */
const GRPC_WEB_TRAILER = 0x80;
const CONNECT_END = 0x02;
const ENVELOPE_BYTES = 5;

const endStream = createEndStreamSerialization(undefined);

export async function describeErrors(
  response: UniversalServerResponse,
  state: CallState,
): Promise<UniversalServerResponse> {
  const { status, body, header, trailer } = response;
  // A call with streams in both directions over HTTP/1.1.
  if (status === 505) return replace(response, needsHttp2());
  if (body === undefined) return response;
  if (status !== 200 && header?.get("content-type") === contentTypeUnaryJson) {
    return replace(response, describe(errorOfBody(await gather(body)), state));
  }
  if (trailer !== undefined) return { ...response, body: describeTrailer(body, trailer, state) };
  return { ...response, body: describeEnd(body, header?.get("content-type") ?? "", state) };
}

/**
 * The error for the caller: Connect's errors about a request are the caller's fault, those about an answer are this
 * program's.
 */
function describe(error: ConnectError, { failures, progress, signal }: CallState): ConnectError {
  if (error.details.length > 0) return error;
  const isOver = error.code === Code.Canceled || error.code === Code.DeadlineExceeded;
  if (!progress.begun || isOver || signal.aborted) return noted(progress, withDetail(error));
  return noted(progress, failures.report(error));
}

function replace(response: UniversalServerResponse, error: ConnectError): UniversalServerResponse {
  const answer = errorAnswer(error);
  const header = new Headers(response.header);
  for (const [name, value] of Object.entries(answer.headers)) header.set(name, value);
  header.delete("content-encoding");
  const status = response.status === 505 ? 505 : answer.status;
  return { status, header, body: createAsyncIterable([answer.body]) };
}

async function* describeTrailer(body: AsyncIterable<Bytes>, trailer: Headers, state: CallState) {
  yield* body;
  const error = findTrailerError(trailer);
  if (error !== undefined && error.details.length === 0) {
    setTrailerStatus(trailer, describe(error, state));
  }
}

/** gRPC-Web and Connect end a stream with an envelope; Connect's handlers give one at a time. */
async function* describeEnd(body: AsyncIterable<Bytes>, contentType: string, state: CallState) {
  const isGrpcWeb = contentType.startsWith("application/grpc-web");
  const isStream = contentType.startsWith("application/connect");
  for await (const chunk of body) {
    const data = chunk.subarray(ENVELOPE_BYTES);
    if (isGrpcWeb && chunk[0] === GRPC_WEB_TRAILER) {
      const trailer = trailerParse(data);
      const error = findTrailerError(trailer);
      if (error !== undefined && error.details.length === 0) {
        setTrailerStatus(trailer, describe(error, state));
        yield enveloped(GRPC_WEB_TRAILER, trailerSerialize(trailer));
        continue;
      }
    }
    if (isStream && chunk[0] === CONNECT_END) {
      const end = endStream.parse(data);
      if (end.error !== undefined && end.error.details.length === 0) {
        const error = describe(end.error, state);
        yield enveloped(CONNECT_END, endStream.serialize({ ...end, error }));
        continue;
      }
    }
    yield chunk;
  }
}

function enveloped(flags: number, data: Bytes): Bytes {
  return concatBytes(envelopeHead(flags, data.length), data);
}

function needsHttp2(): ConnectError {
  return toConnectError(new Refusal("METHOD_NOT_ALLOWED", { message: "this call needs HTTP/2" }));
}

async function gather(body: AsyncIterable<Bytes>): Promise<Bytes> {
  const chunks: Bytes[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
