/**
 * One question to a peer and its answer, in Connect's protocol on an HTTP/2 stream. Connect's own transport takes an address
 * object, several header objects and abort controllers, and a chain of iterators for each: more than the rest of a small call.
 */
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import { type DescMethodUnary, fromBinary, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { isBare } from "./bounded-body.ts";
import type { ClientSession } from "./client-session.ts";
import { errorOfBody } from "./errors.ts";
import { FieldCount } from "./field-count.ts";
import { GatheredBytes } from "./gathered-bytes.ts";
import type { Refusal } from "./refusal.ts";
import { startTimer } from "./timers.ts";

export interface PeerQuestion {
  readonly method: DescMethodUnary;
  /** The encoded message. */
  readonly body: Bytes;
  /** Milliseconds until the call is given up; undefined: never. */
  readonly timeoutMs: number | undefined;
  /** The answer is no longer needed. */
  readonly signal: AbortSignal | undefined;
}

/** Rejects with a ConnectError; only one that the peer raised has the detail of a refusal. */
export function askPeer(session: ClientSession, question: PeerQuestion): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>();
  const { method, body, timeoutMs, signal } = question;
  let stream: ClientHttp2Stream | undefined;
  let isOver = false;
  const end = (): boolean => {
    if (isOver) return false;
    isOver = true;
    stop?.();
    signal?.removeEventListener("abort", onAbort);
    return true;
  };
  const fail = (errorOf: () => ConnectError): void => {
    if (!end()) return;
    reject(errorOf());
    stream?.close(constants.NGHTTP2_CANCEL);
  };
  const onAbort = () => fail(() => new ConnectError("the call was given up", Code.Canceled));
  const onTime = () =>
    fail(() => new ConnectError("the operation timed out", Code.DeadlineExceeded));
  const stop = timeoutMs === undefined ? undefined : startTimer(timeoutMs, onTime);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  const take = (message: Message): void => {
    if (!end()) return;
    resolve(message);
    // A peer may answer before it has taken all of the question: the stream would stay open.
    if (stream?.writableFinished === false) stream.close(constants.NGHTTP2_CANCEL);
  };
  const path = `/${method.parent.typeName}/${method.name}`;
  session.request("POST", path, headOf(body, timeoutMs), {}).then(
    (opened) => {
      stream = opened;
      if (isOver) opened.close(constants.NGHTTP2_CANCEL);
      else exchange(opened, question, { take, fail });
    },
    (error: unknown) => fail(() => unreachable(error)),
  );
  return promise;
}

function headOf(body: Bytes, timeoutMs: number | undefined) {
  return {
    "content-type": "application/proto",
    "content-length": String(body.length),
    "connect-protocol-version": "1",
    ...(timeoutMs === undefined ? {} : { "connect-timeout-ms": String(Math.ceil(timeoutMs)) }),
  };
}

interface Outcome {
  readonly take: (message: Message) => void;
  /** Ends the call, unless it is over: then no error is made. */
  readonly fail: (errorOf: () => ConnectError) => void;
}

/** Sends the question and reads the answer, of which every chunk is judged as it arrives. */
function exchange(
  stream: ClientHttp2Stream,
  { method, body }: PeerQuestion,
  { take, fail }: Outcome,
): void {
  let head: AnswerHead | undefined;
  const count = new FieldCount(method.output, LIMITS.peerAnswerFieldsMax);
  const answer = new GatheredBytes();
  stream.on("response", (headers) => {
    head = readHead(headers);
  });
  stream.on("data", (chunk: Bytes) => {
    answer.push(chunk);
    const isMessage = head?.isMessage === true;
    const bytesMax = isMessage ? LIMITS.peerMessageBytesMax : LIMITS.peerErrorBytesMax;
    const refusal = isMessage ? count.take(chunk) : undefined;
    if (refusal !== undefined) fail(() => localLimit(refusal));
    else if (answer.length > bytesMax) fail(() => tooLong(bytesMax));
  });
  stream.once("end", () => {
    const answered = head;
    if (answered === undefined) return fail(() => cutOff(stream));
    const whole = answer.finish();
    if (!answered.isMessage) return fail(() => errorOf(answered, whole));
    try {
      take(fromBinary(method.output, whole));
    } catch (error) {
      fail(() => notRead(error));
    }
  });
  stream.once("error", (error) => fail(() => unreachable(error)));
  stream.once("close", () => fail(() => cutOff(stream)));
  stream.end(body);
}

interface AnswerHead {
  readonly status: number;
  /** True if the body is the answer's message, false if it says why there is none. */
  readonly isMessage: boolean;
  readonly isJson: boolean;
}

function readHead(headers: IncomingHttpHeaders & { ":status"?: number | undefined }): AnswerHead {
  const status = headers[":status"] ?? 0;
  const contentType = headers["content-type"] ?? "";
  const isMessage = status === 200 && isBare(contentType);
  return { status, isMessage, isJson: /^application\/json\b/i.test(contentType) };
}

function errorOf({ status, isJson }: AnswerHead, body: Bytes): ConnectError {
  if (status !== 200 && isJson) return errorOfBody(body);
  return new ConnectError(`the answer is no message (HTTP ${status})`, Code.Unavailable);
}

/** Without an ErrorDetail, so that it does not look like a refusal of the peer. */
export function localLimit({ message }: Refusal): ConnectError {
  return new ConnectError(message, Code.ResourceExhausted);
}

function tooLong(bytesMax: number): ConnectError {
  return new ConnectError(`more than ${bytesMax} bytes`, Code.ResourceExhausted);
}

function notRead(cause: unknown): ConnectError {
  return new ConnectError("the answer is no message", Code.Internal, undefined, undefined, cause);
}

function cutOff({ rstCode }: ClientHttp2Stream): ConnectError {
  const reset = rstCode === constants.NGHTTP2_NO_ERROR ? "" : ` (http/2 code ${rstCode})`;
  return new ConnectError(`the answer was cut off${reset}`, Code.Unavailable);
}

function unreachable(error: unknown): ConnectError {
  const message = error instanceof Error ? error.message : String(error);
  return new ConnectError(message, Code.Unavailable, undefined, undefined, error);
}
