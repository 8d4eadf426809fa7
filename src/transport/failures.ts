/** What fails without being a refusal: the node is told why, the caller only that, and both the same name for it. */
import { randomBytes } from "node:crypto";
import {
  Code,
  type ConnectError,
  type ContextValues,
  createContextKey,
  type Interceptor,
  type UnaryRequest,
} from "@connectrpc/connect";
import { internalError, isConnectError, toConnectError, withDetail } from "./errors.ts";
import { Refusal } from "./refusal.ts";

/** Told of errors that are no refusals: the program failed. `failure` is what the caller was told. */
export type OnFailure = (error: unknown, failure: string) => void;

/** How far a call has come: once its handler has begun, what Connect raises is no more about the request. */
export interface Progress {
  begun: boolean;
}

const progressKey = createContextKey<Progress | undefined>(undefined, {
  description: "how far the call has come",
});

export function trackProgress(values: ContextValues): Progress {
  const progress: Progress = { begun: false };
  values.set(progressKey, progress);
  return progress;
}

export class Failures {
  readonly #onFailure: OnFailure;

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** Tells the node; the answer is for the caller. */
  report(error: unknown): ConnectError {
    const failure = randomBytes(8).toString("hex");
    this.#onFailure(error, failure);
    return internalError(failure);
  }

  /** Around every handler, and around what it answers in a stream. */
  interceptor(): Interceptor {
    return (next) => async (request) => {
      const progress = request.contextValues.get(progressKey);
      if (progress !== undefined) progress.begun = !request.stream;
      try {
        const response = await next(request);
        if (!response.stream) return response;
        return { ...response, message: this.#guard(response.message, request.signal) };
      } catch (error) {
        throw this.#judge(error, request);
      }
    };
  }

  async *#guard<T>(messages: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
    try {
      yield* messages;
    } catch (error) {
      throw this.#judge(error, { stream: true, signal });
    }
  }

  /** In a stream what Connect raises is about messages that it reads; a single one was read before. */
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

/** What Node says of a body whose sender went away in the middle of it. */
const CUT_OFF: ReadonlySet<unknown> = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"]);

/** The caller is gone: no failure of this program. */
export function isCutOff(error: unknown): error is Error {
  return error instanceof Error && "code" in error && CUT_OFF.has(error.code);
}
