/** One HTTP request and its answer: how the answer is written, refused, cut and bounded in time. */
import { constants, type ServerHttp2Stream } from "node:http2";
import { LIMITS } from "../primitives/limits.ts";
import type { Progress } from "./call-errors.ts";
import type { ContentType } from "./dialect.ts";
import type { ErrorAnswer } from "./errors.ts";
import type { HttpRequest, HttpResponse } from "./http-adapter.ts";
import type { Refusal } from "./refusal.ts";
import { refusalAnswer } from "./refusal-answer.ts";
import { startTimer } from "./timers.ts";
import type { TransportLog } from "./transport-log.ts";

export interface Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly type: ContentType;
  readonly progress: ObservedProgress;
  readonly reading: AnswerReading;
}

export interface ObservedProgress extends Progress {
  /** Name of the RPC, once it is known. */
  call: string;
  isStream: boolean;
}

/** A listener's bound on the reading of its answers. */
export interface AnswerReading {
  /** The time in which the answer of a unary call must be read; by default `LIMITS.unreadAnswers.readMs`. */
  readonly answerReadMs?: number | undefined;
  readonly log: TransportLog;
}

export function isGone(request: HttpRequest): boolean {
  return "stream" in request ? request.stream.destroyed : request.socket.destroyed;
}

/** Media types are HTTP's, too: a protocol that is not read has no form for that. */
export function refuse(exchange: Exchange, refusal: Refusal): void {
  const { request, type, progress } = exchange;
  progress.outcome = refusal.reason;
  const isUnread = refusal.reason === "UNSUPPORTED_MEDIA_TYPE" && type.dialect === "connect";
  const dialect = request.method === "POST" && !isUnread ? type.dialect : undefined;
  const { headers, ...answer } = refusalAnswer(refusal, dialect);
  // RFC 9110 section 15.5.9: the node does not wait for the rest of the body.
  const isLast = refusal.reason === "BODY_TIMEOUT" && !("stream" in request);
  write(exchange, { ...answer, headers: isLast ? { ...headers, connection: "close" } : headers });
}

/** The memory of an answer is given back even if its caller never reads it. */
export function cutUnreadAnswer({ request, response, progress, reading }: Exchange): void {
  const { answerReadMs = LIMITS.unreadAnswers.readMs, log } = reading;
  const stop = startTimer(answerReadMs, () => {
    log.debug({ call: progress.call }, "an answer was not read in time");
    cut(request);
  });
  response.once("close", stop);
}

export function cut(request: HttpRequest): void {
  if ("stream" in request) request.stream.close(constants.NGHTTP2_CANCEL);
  else request.destroy();
}

/** An answer given before the whole request was read ends an HTTP/2 stream (RFC 9113 section 8.1). */
export function endEarlyAnswers(request: HttpRequest): void {
  if (!("stream" in request)) return;
  const { stream } = request;
  // Its body is sent, and its trailers at the end of this turn. Not the response's finish event, which comes only
  // when the whole stream ends, request included.
  stream.once("wantTrailers", () => endStream(stream));
}

/** Ends a stream whose answer is given, with the rest of its request. */
export function endStream(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  setImmediate(() => {
    if (!stream.readableEnded && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
  });
}

/**
 * Without a body the headers alone end an HTTP/2 stream, as gRPC's trailers-only answers must, and the answers to HEAD. Then no
 * event comes in which the rest of the request could be refused.
 */
export function write(exchange: Exchange, { status, headers, body }: ErrorAnswer): void {
  const { request, response } = exchange;
  cutUnreadAnswer(exchange);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body.length > 0) response.end(body);
  else response.end();
  const isHeadAlone = body.length === 0 || request.method === "HEAD";
  if (isHeadAlone && "stream" in request) endStream(request.stream);
}
