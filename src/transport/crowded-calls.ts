/**
 * Calls of HTTP/2 for which there is no room now. They come when a node has most to do, and they can be most of what comes, so their
 * answer is made once, and nothing that other calls need is made for them.
 */
import { constants } from "node:http2";
import type { DescMethod } from "@bufbuild/protobuf";
import { LIMITS } from "../primitives/limits.ts";
import type { CallObserver } from "./call-observer.ts";
import { type Dialect, readContentType } from "./dialect.ts";
import type { ErrorAnswer } from "./errors.ts";
import { endStream } from "./exchange.ts";
import type { HttpRequest } from "./http-adapter.ts";
import type { Refusal } from "./refusal.ts";
import { refusalAnswer } from "./refusal-answer.ts";
import { startTimer } from "./timers.ts";

type Http2Request = Extract<HttpRequest, { readonly stream: unknown }>;

export interface CrowdedCallsParts {
  /** By path. */
  readonly table: ReadonlyMap<string, { readonly method: DescMethod }>;
  /** The refusal of a call for which there is no room now, told without looking at its credential; one of a few objects. */
  readonly crowded?:
    | ((request: HttpRequest, wanted: DescMethod) => Refusal | undefined)
    | undefined;
  readonly observer?: CallObserver | undefined;
  readonly answerReadMs?: number | undefined;
}

export class CrowdedCalls {
  readonly #parts: CrowdedCallsParts;
  readonly #answers = new WeakMap<Refusal, Map<Dialect | undefined, ErrorAnswer>>();

  constructor(parts: CrowdedCallsParts) {
    this.#parts = parts;
  }

  /**
   * True if the call is refused here. A call by HTTP/1.1 or of a page, or with a query, is left to the usual way. It is no fault of its
   * caller, so it does not count as a refused call that ends a connection.
   */
  refuses(request: HttpRequest): boolean {
    const { table, crowded, observer } = this.#parts;
    if (crowded === undefined || !("stream" in request) || request.method !== "POST") return false;
    const method = table.get(request.url)?.method;
    if (method === undefined || "origin" in request.headers) return false;
    const refusal = crowded(request, method);
    if (refusal === undefined || request.stream.destroyed || request.stream.closed) return false;
    observer?.began();
    const outcome = refusal.reason;
    observer?.ended({ call: method.name, outcome, durationMs: 0, isStream: false });
    this.#answer(request, refusal);
    return true;
  }

  #answer({ stream, headers }: Http2Request, refusal: Refusal): void {
    const { answerReadMs = LIMITS.unreadAnswers.readMs } = this.#parts;
    const type = readContentType(headers["content-type"] ?? "");
    const answer = this.#answerOf(refusal, type.dialect);
    const head = { ":status": answer.status, ...answer.headers };
    if (answer.body.length === 0) {
      stream.respond(head, { endStream: true });
      endStream(stream);
      return;
    }
    const stop = startTimer(answerReadMs, () => stream.close(constants.NGHTTP2_CANCEL));
    stream.once("close", stop);
    // Until then the timer can still cut an answer that is not read.
    stream.once("finish", () => stream.close(constants.NGHTTP2_NO_ERROR));
    stream.respond(head);
    stream.end(answer.body);
  }

  #answerOf(refusal: Refusal, dialect: Dialect | undefined): ErrorAnswer {
    const known = this.#answers.get(refusal) ?? new Map<Dialect | undefined, ErrorAnswer>();
    this.#answers.set(refusal, known);
    const answer = known.get(dialect) ?? refusalAnswer(refusal, dialect);
    known.set(dialect, answer);
    return answer;
  }
}
