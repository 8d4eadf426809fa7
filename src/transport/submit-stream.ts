/**
 * One stream of signed transfers. Each operation goes to the ledger as a call of its own would, with a place among its
 * caller's calls; outcomes go back in groups, the results of a block under one proof. An operation is under way from the moment
 * it is read until its outcome is written, and few are: of a caller that does not read, no more is read either (T9).
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ConnectError } from "@connectrpc/connect";
import type {
  SubmitTransactionsRequest,
  SubmitTransactionsResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { Recheck } from "./caller.ts";
import { type Submission, submissionsFromMessage } from "./convert-submit.ts";
import { toConnectError } from "./errors.ts";
import type { CanonicalTransfer, TransferAnswer } from "./ledger-api.ts";
import { OutcomeQueue } from "./outcome-queue.ts";
import { Refusal } from "./refusal.ts";
import { startTimer } from "./timers.ts";
import type { AnswerStream } from "./unread-answers.ts";

/** The place of an operation among its caller's calls; left once. */
export interface CallPlace {
  readonly leave: () => void;
}

/** Milliseconds. */
export interface StreamTimes {
  /** For which nothing may be under way. */
  readonly idleMs: number;
  /** In which an answer must be read. */
  readonly readMs: number;
  /** After which the next operation has the credential checked again. */
  readonly recheckMs: number;
}

export interface SubmitStreamParts {
  /** Orders an operation and waits for its outcome. */
  readonly order: (
    command: CanonicalTransfer,
    signal: AbortSignal,
  ) => Promise<TransferAnswer | Refusal>;
  /** Waits for a place; none if the signal aborts before. */
  readonly takePlace: (signal: AbortSignal) => Promise<CallPlace | undefined>;
  readonly recheck: Recheck;
  /** Undefined in one process, where no answer waits for a reader. */
  readonly answers: AnswerStream | undefined;
  /** Aborts when the caller is gone, its time is over or the listener closes. */
  readonly signal: AbortSignal;
  readonly times: StreamTimes;
}

type Next = IteratorResult<SubmitTransactionsRequest> | "idle";

const { underWayMax } = LIMITS.submitStreams;

export class SubmitStream {
  readonly #parts: SubmitStreamParts;
  readonly #outcomes = new OutcomeQueue();
  /** Of operations without an outcome. Not the one signal, of which each would walk through the listeners of all others. */
  readonly #waits = new Set<AbortController>();
  readonly #places = new Set<CallPlace>();
  #checkedAt = performance.now();
  /** Set when nothing more is read, with the error that the stream ends with, if it does. */
  #end: { readonly error?: unknown } | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #stopReadTimer: (() => void) | undefined;
  #stopIdleTimer: (() => void) | undefined;
  #onIdle: (() => void) | undefined;
  #onNews: (() => void) | undefined;
  #onRoom: (() => void) | undefined;

  constructor(parts: SubmitStreamParts) {
    this.#parts = parts;
    const { signal } = parts;
    signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  /** Operations that were read and whose outcome is not written. */
  get underWay(): number {
    return this.#places.size;
  }

  async *run(
    requests: AsyncIterable<SubmitTransactionsRequest>,
  ): AsyncGenerator<SubmitTransactionsResponse> {
    const { signal } = this.#parts;
    signal.throwIfAborted();
    this.#readAll(requests).then(
      (error) => this.#finish({ error }),
      (error: unknown) => this.#finish({ error }),
    );
    while (!signal.aborted && this.#failure === undefined) {
      const batch = this.#outcomes.take();
      if (batch !== undefined) {
        const stop = this.#expectReader();
        // If the caller leaves, this may wait for ever; #stop has given back everything then.
        yield batch.message;
        stop();
        for (const written of batch.written) written();
      } else if (this.#end !== undefined && this.underWay === 0) break;
      else await this.#news();
    }
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#end?.error !== undefined) throw this.#end.error;
  }

  /** Reads to the end, or until there is a reason to read no more, which it gives. */
  async #readAll(
    requests: AsyncIterable<SubmitTransactionsRequest>,
  ): Promise<ConnectError | undefined> {
    const { signal, takePlace, times } = this.#parts;
    // Not `for await`, which would end the stream together with the loop, and with it the answers.
    const iterator = requests[Symbol.asyncIterator]();
    while (!signal.aborted) {
      await this.#room();
      const next = await this.#next(iterator);
      if (next === "idle") return toConnectError(idle(times));
      if (next.done === true) return undefined;
      const submissions = submissionsFromMessage(next.value);
      if (submissions instanceof Refusal) return toConnectError(submissions);
      for (const submission of submissions) {
        await this.#room();
        const place = await takePlace(signal);
        if (place === undefined) return undefined;
        // A message may wait long for its places.
        const refusal = await this.#recheck().catch((error: unknown) => {
          place.leave();
          throw error;
        });
        if (refusal !== undefined || signal.aborted) {
          place.leave();
          return refusal && toConnectError(refusal);
        }
        this.#begin(submission, place);
      }
    }
    return undefined;
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end = end;
    this.#onNews?.();
  }

  #begin({ number, command }: Submission, place: CallPlace): void {
    this.#places.add(place);
    const wait = new AbortController();
    this.#waits.add(wait);
    const written = () => {
      if (this.#places.delete(place)) place.leave();
      this.#onRoom?.();
      this.#watchIdle();
    };
    this.#parts.order(command, wait.signal).then(
      (outcome) => {
        this.#waits.delete(wait);
        if (this.#parts.signal.aborted) return;
        this.#outcomes.add(number, outcome, written);
        this.#onNews?.();
      },
      (cause: unknown) => this.#fail(cause),
    );
  }

  /** A credential may end while its stream goes on. */
  async #recheck(): Promise<Refusal | undefined> {
    const now = performance.now();
    if (now - this.#checkedAt < this.#parts.times.recheckMs) return undefined;
    this.#checkedAt = now;
    return await this.#parts.recheck();
  }

  #next(iterator: AsyncIterator<SubmitTransactionsRequest>): Promise<Next> {
    return new Promise<Next>((resolve, reject) => {
      this.#onIdle = () => resolve("idle");
      this.#watchIdle();
      iterator.next().then(resolve, reject);
    }).finally(() => {
      this.#onIdle = undefined;
      this.#stopIdleTimer?.();
    });
  }

  /** Begins to count the time for which nothing is under way, if that is so. */
  #watchIdle(): void {
    this.#stopIdleTimer?.();
    const onIdle = this.#onIdle;
    if (onIdle === undefined || this.underWay > 0) return;
    this.#stopIdleTimer = startTimer(this.#parts.times.idleMs, onIdle);
  }

  /** Settles when one more operation may be under way, or when the stream is over. */
  async #room(): Promise<void> {
    while (this.underWay >= underWayMax && !this.#parts.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
    this.#onRoom = undefined;
  }

  /** Settles one turn after the next news, so that the results of a block come together. */
  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onNews = resolve;
    });
    this.#onNews = undefined;
    await nextTurn();
  }

  /** Cuts the stream if it is not read in time; the function that it gives ends that. */
  #expectReader(): () => void {
    const { answers, times } = this.#parts;
    const stop =
      answers === undefined ? () => undefined : startTimer(times.readMs, () => answers.cut());
    this.#stopReadTimer = stop;
    return stop;
  }

  #fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#onNews?.();
  }

  /** The caller is gone or the listener closes: nothing is waited for, and nothing is held. */
  #stop(): void {
    this.#stopReadTimer?.();
    this.#stopIdleTimer?.();
    const { reason } = this.#parts.signal;
    for (const wait of this.#waits) wait.abort(reason);
    for (const { leave } of this.#places) leave();
    this.#places.clear();
    this.#onIdle?.();
    this.#onRoom?.();
    this.#onNews?.();
  }
}

function idle({ idleMs }: StreamTimes): Refusal {
  return new Refusal("DEADLINE_EXCEEDED", {
    message: `nothing came for ${idleMs} ms, and nothing was under way`,
    remedy: "Open another stream when there is something to send.",
  });
}
