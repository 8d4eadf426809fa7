/**
 * Delivers to one sink, message by message in the order of the chain. The place moves on when the sink has taken a message and
 * the move is on disk; a crash in between delivers the message again, under the same id. A message that the sink has refused for
 * long becomes a dead letter, in the same write that moves on behind it.
 */

import { LIMITS } from "../../primitives/limits.ts";
import { printable } from "../../primitives/printable.ts";
import type { DeadLetter, WebhookProgress, WebhookRecords } from "../../storage/contracts.ts";
import { type Pause, startPause } from "../../transport/timers.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";
import type { MessageReader, SinkMessage } from "./message-reader.ts";
import { isGivenUp, retryWaitMs } from "./retry-pace.ts";

/** Where messages go. */
export interface Sink {
  /** Undefined once the message is the sink's own. */
  deliver(message: SinkMessage, signal: AbortSignal): Promise<SinkProblem | undefined>;
  close(): void;
}

export interface SinkProblem {
  readonly problem: string;
  /** Milliseconds for which the sink asks to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

export interface DeliveryParts {
  readonly name: string;
  readonly sink: Sink;
  readonly reader: (place: WebhookProgress["place"]) => MessageReader;
  readonly progress: WebhookProgress;
  readonly deadLetters: number;
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

  /** Goes back to a place, of messages that were delivered before. Only while it is stopped. */
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
  async redeliver(signal: AbortSignal): Promise<Redelivered> {
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
    while (!signal.aborted) {
      const message = await this.#reader.next(signal);
      if (message === undefined) return;
      this.#pending = message;
      await this.#untilDone(message, signal);
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
      const waitMs = retryWaitMs(attempt, problem.retryAfterMs ?? 0, this.#parts.system.entropy);
      await this.#wait(waitMs, signal);
    }
  }

  async #attempt(message: SinkMessage, signal: AbortSignal): Promise<SinkProblem | undefined> {
    const turn = this.#turn.then(() => this.#parts.sink.deliver(message, signal));
    this.#turn = turn.catch(() => undefined);
    const found = await turn;
    if (found === undefined) {
      this.figures.delivered += 1;
      return undefined;
    }
    if (!signal.aborted) this.figures.failed += 1;
    return { ...found, problem: shown(found.problem) };
  }

  async #moveOn(message: SinkMessage): Promise<void> {
    const { name, records, log } = this.#parts;
    const place = message.end;
    await records.saveProgress(name, { place });
    if (this.#problem !== "") log.info({ webhook: name }, "a webhook is delivered again");
    this.#pass(message);
  }

  async #noteFailure({ problem }: SinkProblem, attempt: number): Promise<void> {
    const { name, records, system, log } = this.#parts;
    this.#problem = problem;
    log.warn({ webhook: name, problem, attempt }, "a webhook was not delivered");
    if (this.#progress.failingSince !== undefined) return;
    const progress = { ...this.#progress, failingSince: system.wall() };
    await records.saveProgress(name, progress);
    this.#progress = progress;
  }

  /** Not while there is no room for a dead letter: nothing is ever dropped. */
  #isOver(attempts: number): boolean {
    const since = this.#progress.failingSince ?? this.#parts.system.wall();
    const isFull = this.#deadLetters >= LIMITS.webhooks.deadLettersMax;
    return !isFull && isGivenUp(attempts, this.#parts.system.wall() - since);
  }

  async #bury(message: SinkMessage): Promise<void> {
    const { name, records, system, log } = this.#parts;
    const { behind, end } = message;
    const letter: DeadLetter = { behind, end, at: system.wall(), problem: this.#problem };
    await records.bury(name, letter);
    this.#deadLetters += 1;
    this.figures.buried += 1;
    const fields = { webhook: name, id: message.id, height: message.height };
    log.warn(fields, "a webhook is given up: its message is a dead letter");
    this.#pass(message);
  }

  #pass(message: SinkMessage): void {
    this.#progress = { place: message.end };
    this.#problem = "";
    this.#pending = undefined;
    this.#reader.pass(message);
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const { system } = this.#parts;
    this.#pause = startPause({ after: (delay, action) => system.after(delay, action) }, ms, signal);
    await this.#pause.over;
    this.#pause = undefined;
  }
}

/** The words of the machine or of the receiver's certificate, cut and safe to show. */
function shown(problem: string): string {
  const text = Buffer.from(printable(problem)).subarray(0, LIMITS.webhooks.problemBytesMax - 4);
  // A character that was cut in the middle becomes one mark of three bytes.
  return text.toString("utf8");
}
