/**
 * Sends signed transfers over a stream, and gives each outcome when it is known and checked (submitted-outcomes.ts). After a lost
 * stream it opens another one and sends again what has no outcome: the same bytes are the same payment, never a second one.
 */
import { create } from "@bufbuild/protobuf";
import {
  type SubmitTransactionsRequest,
  SubmitTransactionsRequestSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { Wait } from "../../gen/countersign/v1/types_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { EncodingError } from "../primitives/encoding.ts";
import { LIMITS } from "../primitives/limits.ts";
import { decodeSignedOperation } from "../primitives/operation.ts";
import type { Transfer } from "../primitives/operations/transfer.ts";
import { pause, realTimers, startTimer } from "../transport/timers.ts";
import type { GatewayClient } from "./gateway-calls.ts";
import { isPassing, waitAfter } from "./lost-calls.ts";
import type { Trust } from "./receipt-verifier.ts";
import { readOutcomes, SubmitFault, type SubmittedOutcome } from "./submitted-outcomes.ts";

export interface SubmitOptions {
  /** Until when an outcome is waited for; by default until it is sealed. */
  readonly until?: "final" | "sealed" | undefined;
  /** Ends the stream. What has no outcome then may still be ordered. */
  readonly signal?: AbortSignal | undefined;
  /** Streams that are opened one after another without an outcome on any of them; by default 5. */
  readonly attemptsMax?: number | undefined;
  /** Milliseconds in which some outcome must come while any is waited for; a stream without one is left. By default 60 s. */
  readonly silenceMs?: number | undefined;
}

/**
 * An outcome, and whether the transfer had been sent on an earlier stream: another node may then have ordered what this one
 * refuses.
 */
export type StreamedOutcome = SubmittedOutcome & { readonly wasSentBefore: boolean };

/** As many operations as a node takes at a time. */
const { underWayMax, perMessageMax } = LIMITS.submitStreams;
const ATTEMPTS_MAX = 5;
/** A node answers an order within 30 s of its turn. */
const SILENCE_MS = 60_000;

/**
 * The outcomes of transfers in the bytes that `Wallet.transferBytes` makes, in the order in which they come; their numbers count the
 * transfers from 0. At most 1,024 transfers are taken ahead of their outcomes. Throws what ended the last stream, such as the
 * refusal of a caller without the scope `submit`; SubmitFault if the node's answers prove nothing, or if it gives none; RangeError for bytes that are
 * no transfer of this network.
 */
export async function* submitTransactions(
  calls: Pick<GatewayClient["calls"], "submitTransactions">,
  trust: Trust,
  transfers: AsyncIterable<Bytes> | Iterable<Bytes>,
  options: SubmitOptions = {},
): AsyncGenerator<StreamedOutcome, void, undefined> {
  const { signal, attemptsMax = ATTEMPTS_MAX } = options;
  const queue = new Queue(trust, transfers, options.until === "final" ? Wait.FINAL : Wait.SEALED);
  for (let attempt = 1; !queue.isDone; attempt++) {
    let failure: unknown;
    const over = new AbortController();
    const silence = new SilenceWatch(queue, options.silenceMs ?? SILENCE_MS, () => over.abort());
    try {
      const requests = queue.requests(over.signal);
      const call = { timeoutMs: 0, signal: signalOf(over.signal, signal) };
      for await (const message of calls.submitTransactions(requests, call)) {
        const outcomes = readOutcomes(trust, message, (number) => queue.waiting(number));
        for (const outcome of outcomes) {
          const wasSentBefore = queue.settle(outcome.number);
          attempt = 0;
          // The time that the caller takes is no silence of the node.
          queue.quietSince = Number.POSITIVE_INFINITY;
          yield { ...outcome, wasSentBefore };
          queue.quietSince = performance.now();
        }
      }
      if (queue.isDone) return;
      if (attempt >= attemptsMax) throw new SubmitFault("the node ends its streams too early");
    } catch (error) {
      if (queue.fault !== undefined) throw queue.fault.error;
      if (silence.isOver && signal?.aborted !== true) {
        if (attempt >= attemptsMax) throw new SubmitFault("the node gives no outcome");
      } else if (signal?.aborted === true || attempt >= attemptsMax || !isPassing(error)) {
        throw error;
      }
      failure = error;
    } finally {
      silence.stop();
      over.abort();
    }
    await pause(realTimers, waitAfter(failure, Math.max(attempt, 1)), signal);
  }
}

/** Aborts the call of a stream that its reader leaves, which would otherwise wait for more to send. */
function signalOf(over: AbortSignal, given: AbortSignal | undefined): AbortSignal {
  return given === undefined ? over : AbortSignal.any([over, given]);
}

/** Ends a stream whose node takes transfers and gives no outcomes. */
class SilenceWatch {
  isOver = false;
  readonly #queue: Pick<Queue, "isWaiting" | "quietSince">;
  readonly #ms: number;
  readonly #onSilence: () => void;
  #stop: () => void;

  constructor(queue: Queue, ms: number, onSilence: () => void) {
    this.#queue = queue;
    this.#ms = ms;
    this.#onSilence = onSilence;
    queue.quietSince = performance.now();
    this.#stop = startTimer(ms, () => this.#look());
  }

  stop(): void {
    this.#stop();
  }

  #look(): void {
    const { isWaiting, quietSince } = this.#queue;
    const leftMs = isWaiting ? quietSince + this.#ms - performance.now() : this.#ms;
    if (leftMs > 0) {
      this.#stop = startTimer(Math.min(Math.ceil(leftMs), this.#ms), () => this.#look());
      return;
    }
    this.isOver = true;
    this.#onSilence();
  }
}

interface Sent {
  readonly bytes: Bytes;
  /** The streams that it was sent on. */
  sends: number;
  readonly transfer: Transfer;
}

/** The transfers that wait to be sent or for their outcome. */
class Queue {
  readonly #trust: Trust;
  readonly #wait: Wait;
  readonly #source: AsyncIterator<Bytes> | Iterator<Bytes>;
  readonly #waiting = new Map<number, Sent>();
  /** The next of the source, which a stream that ended may have asked for. */
  #pulled: Promise<IteratorResult<Bytes>> | undefined;
  #count = 0;
  #isSourceDone = false;
  #onRoom: (() => void) | undefined;
  /** When the last outcome came, or the first transfer began to wait for one; of performance.now(). */
  quietSince = performance.now();
  /** The error of the source. */
  fault: { readonly error: unknown } | undefined;

  constructor(trust: Trust, transfers: AsyncIterable<Bytes> | Iterable<Bytes>, wait: Wait) {
    this.#trust = trust;
    this.#wait = wait;
    this.#source =
      Symbol.asyncIterator in transfers
        ? transfers[Symbol.asyncIterator]()
        : transfers[Symbol.iterator]();
  }

  get isDone(): boolean {
    return this.#isSourceDone && this.#waiting.size === 0;
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  waiting(number: number): Transfer | undefined {
    return this.#waiting.get(number)?.transfer;
  }

  /** True if it was sent more than once. */
  settle(number: number): boolean {
    const sends = this.#waiting.get(number)?.sends ?? 0;
    this.#waiting.delete(number);
    this.quietSince = performance.now();
    this.#onRoom?.();
    return sends > 1;
  }

  /** The messages of one stream: first what has no outcome yet, then the rest of the source. */
  async *requests(over: AbortSignal): AsyncGenerator<SubmitTransactionsRequest> {
    const again = [...this.#waiting];
    for (let at = 0; at < again.length; at += perMessageMax) {
      yield this.#messageOf(again.slice(at, at + perMessageMax));
    }
    while (!over.aborted && !this.#isSourceDone) {
      const taken = await this.#take(over).catch((error: unknown) => {
        this.fault = { error };
        throw error;
      });
      if (taken.length > 0) yield this.#messageOf(taken);
    }
  }

  /** Those that the source has now, as far as there is room; waits for the first. */
  async #take(over: AbortSignal): Promise<[number, Sent][]> {
    const taken: [number, Sent][] = [];
    while (taken.length < perMessageMax && !over.aborted) {
      if (this.#waiting.size >= underWayMax) {
        if (taken.length > 0) break;
        await this.#room(over);
        continue;
      }
      this.#pulled ??= Promise.resolve(this.#source.next());
      const next = taken.length === 0 ? await this.#pulled : await orLater(this.#pulled);
      if (next === "later" || over.aborted) break;
      this.#pulled = undefined;
      if (next.done === true) {
        this.#isSourceDone = true;
        break;
      }
      const sent = this.#read(next.value);
      taken.push([this.#count, sent]);
      if (!this.isWaiting) this.quietSince = Math.max(this.quietSince, performance.now());
      this.#waiting.set(this.#count, sent);
      this.#count += 1;
    }
    return taken;
  }

  #read(bytes: Bytes): Sent {
    const { hash, networkId } = this.#trust;
    const signed = decodeSignedOperation(hash, networkId, bytes);
    if (signed instanceof EncodingError) {
      throw new RangeError(`transfer ${this.#count} cannot be read: ${signed.message}`);
    }
    const { operation } = signed;
    if (operation.kind !== "transfer") throw new RangeError(`${this.#count} is no transfer`);
    return { bytes, sends: 0, transfer: operation };
  }

  #room(over: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        over.removeEventListener("abort", done);
        this.#onRoom = undefined;
        resolve();
      };
      this.#onRoom = done;
      over.addEventListener("abort", done);
    });
  }

  #messageOf(sent: readonly [number, Sent][]): SubmitTransactionsRequest {
    for (const [, one] of sent) one.sends += 1;
    return create(SubmitTransactionsRequestSchema, {
      transfers: sent.map(([number, { bytes }]) => ({ number, operation: bytes })),
      wait: this.#wait,
    });
  }
}

/** The next of the source if it is ready now, otherwise "later". */
async function orLater<T>(pulled: Promise<T>): Promise<T | "later"> {
  const { promise, resolve } = Promise.withResolvers<"later">();
  const stop = startTimer(0, () => resolve("later"));
  try {
    return await Promise.race([pulled, promise]);
  } finally {
    stop();
  }
}
