/**
 * Delivers to one sink, message by message in the order of the chain. The place moves on when the sink has taken a message and
 * the move is on disk; a crash in between delivers the message again, under the same id. A message that the sink has refused for
 * long becomes a dead letter, in the same write that moves on behind it.
 */

import { LIMITS } from "../../primitives/limits.ts";
import { printable } from "../../primitives/printable.ts";
import type {
  DeadLetter,
  OperationLocation,
  WebhookProgress,
  WebhookRecords,
} from "../../storage/contracts.ts";
import { type Pause, startPause } from "../../transport/timers.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { MessageReader, SinkMessage } from "./message-reader.ts";
import { isGivenUp, retryWaitMs } from "./retry-pace.ts";

/** Where messages go. */
export interface Sink {
  /** Undefined once the message is the sink's own. */
  deliver(message: SinkMessage, signal: AbortSignal): Promise<SinkProblem | undefined>;
  /**
   * The place of the last event that the sink has, if it knows: it is believed, because the sink may have been set back, or another
   * node may have gone on. Undefined if it has none.
   */
  place?(signal: AbortSignal): Promise<OperationLocation | SinkProblem | undefined>;
  close(): void;
}

export interface SinkProblem {
  readonly problem: string;
  /** Milliseconds for which the sink asks to be left alone. */
  readonly retryAfterMs?: number | undefined;
  /** The sink is at another place than this node thought. */
  readonly isMisplaced?: boolean;
}

export function setBack(): SinkProblem {
  return { problem: "the sink lacks events that it had", isMisplaced: true };
}

export interface DeliveryParts {
  readonly name: string;
  readonly sink: Sink;
  readonly reader: (place: WebhookProgress["place"]) => MessageReader;
  readonly progress: WebhookProgress;
  readonly deadLetters: number;
  /** False if a message is never given up. */
  readonly givesUp: boolean;
  readonly records: Pick<WebhookRecords, "saveProgress" | "bury" | "forgetLetter" | "deadLetters">;
  readonly system: System;
  readonly log: Pick<Log, "info" | "warn">;
}

export interface DeliveryFigures {
  /** Messages that were delivered, attempts that failed, and messages that were given up, since this process began. */
  delivered: number;
  failed: number;
  buried: number;
}

export interface Redelivered {
  readonly delivered: number;
  readonly left: number;
  /** Of the first that failed; empty if none did. */
  readonly problem: string;
}

/** More than a sink's own limits. */
const ATTEMPT_MS = 60_000;
/** No further dead letter is sent after so long: the operator waits for the answer. */
const REDELIVERY_MS = 10_000;
const STOPPING = "the node is stopping, or the caller's time is over";

export class Delivery {
  readonly #parts: DeliveryParts;
  readonly figures: DeliveryFigures = { delivered: 0, failed: 0, buried: 0 };
  #progress: WebhookProgress;
  #deadLetters: number;
  #reader: MessageReader;
  /** The message that is to be delivered next, if it was read. */
  #pending: SinkMessage | undefined;
  #problem = "";
  #pause: Pause | undefined;
  /** One attempt at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  /** One redelivery at a time: two would send and count the same letters. */
  #redelivery: Promise<unknown> = Promise.resolve();
  #run: { readonly end: AbortController; readonly over: Promise<void> } | undefined;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#progress = parts.progress;
    this.#deadLetters = parts.deadLetters;
    this.#reader = parts.reader(parts.progress.place);
  }

  get progress(): WebhookProgress {
    return this.#progress;
  }

  get deadLetters(): number {
    return this.#deadLetters;
  }

  /** Why the next message is not delivered; empty if nothing is known to be wrong. */
  get problem(): string {
    return this.#problem === "" ? (this.#reader.problem ?? "") : this.#problem;
  }

  /** Block time of the oldest message that is known and not delivered, milliseconds since 1970. */
  get pendingSince(): number | undefined {
    return this.#pending?.blockTime;
  }

  /** Delivers until it is stopped; `fail` is called if the store fails. */
  start(fail: (error: unknown) => void): void {
    const end = new AbortController();
    this.#run = { end, over: this.#deliverAll(end.signal).catch(fail) };
  }

  /** Settles when nothing is under way; what was delivered is on disk. */
  async stop(): Promise<void> {
    this.#run?.end.abort();
    await this.#run?.over;
    await this.#turn;
    this.#run = undefined;
  }

  /** Goes back to a place; nothing is passed over if it is ahead, as in the block that is under way. Only while none is under way. */
  async moveBackTo(place: WebhookProgress["place"]): Promise<void> {
    await this.moveTo(earlier(place, this.#progress.place));
  }

  /** Goes on from a place of messages that were delivered before. Only while none is under way. */
  async moveTo(place: WebhookProgress["place"]): Promise<void> {
    const { name, records, reader } = this.#parts;
    await records.saveProgress(name, { place });
    this.#progress = { place };
    this.#reader = reader(place);
    this.#pending = undefined;
    this.#problem = "";
  }

  /** Ends the wait for the next attempt. */
  hurry(): void {
    this.#pause?.end();
  }

  /** Sends the dead letters once more, the oldest first, until one fails. Those that are taken are dead letters no more. */
  redeliver(signal: AbortSignal): Promise<Redelivered> {
    const redelivery = this.#redelivery.then(() => this.#redeliverAll(signal));
    this.#redelivery = redelivery.catch(() => undefined);
    return redelivery;
  }

  async #redeliverAll(signal: AbortSignal): Promise<Redelivered> {
    const { name, records, reader, system } = this.#parts;
    const until = system.monotonic() + REDELIVERY_MS;
    const letters = await records.deadLetters(name);
    let delivered = 0;
    for (const letter of letters) {
      if (signal.aborted || system.monotonic() >= until) break;
      const message = await reader(letter.behind).next(signal);
      const problem =
        message === undefined ? { problem: STOPPING } : await this.#attempt(message, signal);
      if (problem !== undefined) {
        return { delivered, left: letters.length - delivered, problem: problem.problem };
      }
      await records.forgetLetter(name, letter);
      this.#deadLetters -= 1;
      delivered += 1;
    }
    return { delivered, left: letters.length - delivered, problem: "" };
  }

  async #deliverAll(signal: AbortSignal): Promise<void> {
    await this.#findPlace(signal);
    while (!signal.aborted) {
      const message = await this.#reader.next(signal);
      if (message === undefined) return;
      this.#pending = message;
      await this.#untilDone(message, signal);
    }
  }

  /** Settles when the sink has said how far it has come, if it knows. */
  async #findPlace(signal: AbortSignal): Promise<void> {
    const { sink } = this.#parts;
    for (let attempt = 1; sink.place !== undefined && !signal.aborted; attempt++) {
      const found = await this.#limited(async (limit) => await sink.place?.(limit), signal);
      if (found === undefined || signal.aborted) return;
      if (!("problem" in found)) return await this.moveTo(found);
      this.figures.failed += 1;
      await this.#noteFailure({ problem: shown(found.problem) }, attempt);
      await this.#waitAfter(attempt, found, signal);
    }
  }

  async #untilDone(message: SinkMessage, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      const problem = await this.#attempt(message, signal);
      if (problem === undefined) return await this.#moveOn(message);
      // An attempt that the stop has cut off says nothing of the receiver.
      if (signal.aborted) return;
      await this.#noteFailure(problem, attempt);
      if (this.#isOver(attempt)) return await this.#bury(message);
      await this.#waitAfter(attempt, problem, signal);
      if (problem.isMisplaced === true) return await this.#findPlace(signal);
    }
  }

  async #attempt(message: SinkMessage, signal: AbortSignal): Promise<SinkProblem | undefined> {
    const { sink } = this.#parts;
    const turn = this.#turn.then(() =>
      this.#limited((limit) => sink.deliver(message, limit), signal),
    );
    this.#turn = turn.catch(() => undefined);
    const found = await turn;
    if (found === undefined) {
      this.figures.delivered += 1;
      return undefined;
    }
    if (!signal.aborted) this.figures.failed += 1;
    return { ...found, problem: shown(found.problem) };
  }

  /** A sink that does not settle is left: a client may wait for a connection that is gone. */
  async #limited<T>(
    act: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | SinkProblem> {
    const end = new AbortController();
    const { promise, resolve } = Promise.withResolvers<SinkProblem>();
    const leave = (problem: string): void => {
      resolve({ problem });
      end.abort();
    };
    const stop = (): void => leave(STOPPING);
    const cancel = this.#parts.system.after(ATTEMPT_MS, () => leave("the sink does not answer"));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await Promise.race([act(end.signal), promise]);
    } finally {
      cancel();
      signal.removeEventListener("abort", stop);
    }
  }

  async #moveOn(message: SinkMessage): Promise<void> {
    const { name, records, log } = this.#parts;
    const place = message.end;
    await records.saveProgress(name, { place });
    if (this.#problem !== "") log.info({ sink: name }, "a sink takes messages again");
    this.#pass(message);
  }

  async #noteFailure({ problem }: SinkProblem, attempt: number): Promise<void> {
    const { name, records, system, log } = this.#parts;
    this.#problem = problem;
    log.warn({ sink: name, problem, attempt }, "a sink did not take a message");
    if (this.#progress.failingSince !== undefined) return;
    const progress = { ...this.#progress, failingSince: system.wall() };
    await records.saveProgress(name, progress);
    this.#progress = progress;
  }

  /** Not while there is no room for a dead letter: nothing is ever dropped. */
  #isOver(attempts: number): boolean {
    const since = this.#progress.failingSince ?? this.#parts.system.wall();
    const isFull = this.#deadLetters >= LIMITS.webhooks.deadLettersMax;
    return this.#parts.givesUp && !isFull && isGivenUp(attempts, this.#parts.system.wall() - since);
  }

  async #bury(message: SinkMessage): Promise<void> {
    const { name, records, system, log } = this.#parts;
    const { behind, end } = message;
    const letter: DeadLetter = { behind, end, at: system.wall(), problem: this.#problem };
    await records.bury(name, letter);
    this.#deadLetters += 1;
    this.figures.buried += 1;
    const fields = { sink: name, id: message.id, height: message.height };
    log.warn(fields, "a message is given up: it is a dead letter");
    this.#pass(message);
  }

  #pass(message: SinkMessage): void {
    this.#progress = { place: message.end };
    this.#problem = "";
    this.#pending = undefined;
    this.#reader.pass(message);
  }

  async #waitAfter(attempt: number, problem: SinkProblem, signal: AbortSignal): Promise<void> {
    const { system } = this.#parts;
    const ms = retryWaitMs(attempt, problem.retryAfterMs ?? 0, system.entropy);
    this.#pause = startPause({ after: (delay, action) => system.after(delay, action) }, ms, signal);
    await this.#pause.over;
    this.#pause = undefined;
  }
}

function earlier(a: OperationLocation, b: OperationLocation): OperationLocation {
  const isFirst = a.height === b.height ? a.index < b.index : a.height < b.height;
  return isFirst ? a : b;
}

/** The words of the machine or of the receiver's certificate, cut and safe to show. */
function shown(problem: string): string {
  const text = Buffer.from(printable(problem)).subarray(0, LIMITS.webhooks.problemBytesMax - 4);
  // A character that was cut in the middle becomes one mark of three bytes.
  return text.toString("utf8");
}
