/**
 * Sends the payments of an outbox over streams, at one gateway after another, until each has a result that its receipt proves. What a
 * gateway refuses is its word alone, so the same bytes are sent again, there or elsewhere.
 */
import type { Bytes } from "../primitives/bytes.ts";
import type { OperationId } from "../primitives/ids.ts";
import { wireRefusalOf } from "../transport/errors.ts";
import type { Refusal, RefusalReason } from "../transport/refusal.ts";
import { pause, realTimers } from "../transport/timers.ts";
import type { Gateways } from "./gateways.ts";
import { waitAfter } from "./lost-calls.ts";
import { PaymentQueue } from "./payment-queue.ts";
import type { Trust, VerifiedReceipt } from "./receipt-verifier.ts";
import { type StreamedOutcome, submitTransactions } from "./submit-transactions.ts";

export interface OutboxSenderParts {
  readonly gateways: Gateways;
  readonly trust: Trust;
  readonly until: "final" | "sealed";
  /** In which some outcome must come from a gateway, milliseconds. */
  readonly silenceMs: number;
  /** The bytes to send; undefined if the payment needs no sending any more. */
  readonly bytesOf: (id: OperationId) => Bytes | undefined;
  readonly onResult: (id: OperationId, receipt: VerifiedReceipt) => void;
  readonly onRefused: (id: OperationId, refusal: Refusal) => void;
}

/** A stream without payments to send is left after this time, milliseconds. */
const IDLE_MS = 1_000;
/** The longest rest of a payment that gateways refuse, milliseconds. */
const REST_MS_MAX = 10_000;
/** Refusals for lack of room, which say nothing against the gateway. */
const NO_ROOM: ReadonlySet<RefusalReason> = new Set(["POOL_FULL", "TOO_MANY_REQUESTS"]);

export class OutboxSender {
  readonly #parts: OutboxSenderParts;
  readonly #queue = new PaymentQueue();
  /** On the stream that is open, without an outcome yet. */
  readonly #sent = new Set<OperationId>();
  /** Refusals of a payment in a row. */
  readonly #refusals = new Map<OperationId, number>();
  /** Streams that were left because their gateway refused a payment: the next one goes to another gateway. */
  #turns = 0;
  #isRefusing = false;

  constructor(parts: OutboxSenderParts) {
    this.#parts = parts;
  }

  send(id: OperationId): void {
    if (!this.#sent.has(id)) this.#queue.add(id);
  }

  /** It needs no sending any more. */
  drop(id: OperationId): void {
    this.#queue.remove(id);
    this.#refusals.delete(id);
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (await this.#queue.untilReady(signal)) {
      const failure = await this.#stream(signal, () => {
        failures = 0;
      });
      for (const id of this.#sent) this.#queue.add(id);
      this.#sent.clear();
      if (failure === undefined) continue;
      failures += 1;
      // The next gateway is asked at once; a round of all of them waits.
      const { length } = this.#parts.gateways.all;
      const round = Math.floor(failures / length);
      if (round > 0) await pause(realTimers, waitAfter(failure, round), signal);
    }
    this.#queue.clear();
  }

  /** One stream; gives what ended it too early. */
  async #stream(signal: AbortSignal, onOutcome: () => void): Promise<unknown> {
    const { gateways, trust, until, silenceMs } = this.#parts;
    const gateway = gateways.inOrder()[this.#turns % gateways.all.length];
    if (gateway === undefined) return undefined;
    this.#isRefusing = false;
    const over = new AbortController();
    const numbers: OperationId[] = [];
    const transfers = this.#transfers(numbers, AbortSignal.any([signal, over.signal]));
    const options = { until, signal, silenceMs, attemptsMax: 1 };
    try {
      for await (const outcome of submitTransactions(gateway.calls, trust, transfers, options)) {
        const id = numbers[outcome.number];
        if (id === undefined) continue;
        gateways.answered(gateway);
        onOutcome();
        this.#take(id, outcome);
      }
      return undefined;
    } catch (error) {
      if (!signal.aborted) gateways.failed(gateway, error);
      return error;
    } finally {
      over.abort();
      this.#turns = this.#isRefusing ? this.#turns + 1 : 0;
    }
  }

  /** Ends when the stream is over, or nothing was to be sent for a while, or for another gateway to take what this one refuses. */
  async *#transfers(numbers: OperationId[], signal: AbortSignal): AsyncGenerator<Bytes, void> {
    while (await this.#queue.untilReady(signal, this.#isRefusing ? 0 : IDLE_MS)) {
      const id = this.#queue.take();
      const bytes = id === undefined ? undefined : this.#parts.bytesOf(id);
      if (id === undefined || bytes === undefined) continue;
      if (signal.aborted) {
        this.#queue.add(id);
        return;
      }
      this.#sent.add(id);
      numbers.push(id);
      yield bytes;
    }
  }

  #take(id: OperationId, outcome: StreamedOutcome): void {
    this.#sent.delete(id);
    if (outcome.kind === "result") {
      this.#refusals.delete(id);
      this.#parts.onResult(id, outcome.receipt);
      return;
    }
    const { refusal } = outcome;
    const count = (this.#refusals.get(id) ?? 0) + 1;
    this.#refusals.set(id, count);
    this.#queue.rest(id, restOf(refusal, count));
    if (!NO_ROOM.has(refusal.reason)) this.#isRefusing = true;
    this.#parts.onRefused(id, refusal);
  }
}

/** Twice as long after each refusal in a row, or as long as the gateway says. */
function restOf(refusal: Refusal, count: number): number {
  const { metadata } = wireRefusalOf(refusal).detail;
  const hint = Number(metadata["retryAfterMs"]);
  const own = Math.min(250 * 2 ** Math.min(count - 1, 10), REST_MS_MAX);
  return Math.min(Math.max(hint > 0 ? hint : 0, own), REST_MS_MAX);
}
