/**
 * Memory for answers that peers have asked for and not read yet. A large answer is built when there is room for it, over
 * all members; one that is not read in time is cut, and members that let that happen share a half of the room for a while (T7).
 */
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { startTimer } from "./timers.ts";

/** The stream that an answer goes out by. */
export interface AnswerStream {
  /** Calls `gone` once, when the answer was read or the stream has ended. */
  readonly onGone: (gone: () => void) => void;
  /** Ends the stream with what is left of the answer. */
  readonly cut: () => void;
}

interface Waiting {
  readonly caller: ValidatorIndex;
  readonly bytes: number;
  readonly begin: () => void;
}

export interface UnreadAnswersOptions {
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  /** How long an answer may take to be read, milliseconds. */
  readonly readMs?: number;
}

export class UnreadAnswers {
  readonly #now: () => number;
  readonly #readMs: number;
  readonly #held = new Map<ValidatorIndex, number>();
  /** Until when a member counts as one that does not read. */
  readonly #slowUntil = new Map<ValidatorIndex, number>();
  readonly #waiting = new Set<Waiting>();

  constructor({ now, readMs = LIMITS.unreadAnswers.readMs }: UnreadAnswersOptions) {
    this.#now = now;
    this.#readMs = readMs;
  }

  /** Bytes that all members hold, the room of answers that are being built included. */
  get bytes(): number {
    return this.#sum(() => true);
  }

  /**
   * Runs `build`, whose answer has at most `bytesMax` bytes, when there is room; `sizeOf` is what it came to. The room is
   * given back when `stream` has ended, or with the call if it has none. Rejects with the reason of `signal`.
   */
  async build<T>(
    call: {
      readonly caller: ValidatorIndex;
      readonly bytesMax: number;
      readonly stream: AnswerStream | undefined;
      readonly signal: AbortSignal;
    },
    build: () => Promise<T>,
    sizeOf: (answer: T) => number,
  ): Promise<T> {
    const { caller, bytesMax, stream, signal } = call;
    await this.#room(caller, bytesMax, signal);
    let held = bytesMax;
    const give = (kept: number) => {
      this.#add(caller, kept - held);
      held = kept;
    };
    let stopTimer: (() => void) | undefined;
    stream?.onGone(() => {
      stopTimer?.();
      give(0);
    });
    try {
      const answer = await build();
      if (stream === undefined) give(0);
      else if (held > 0) {
        give(Math.min(held, sizeOf(answer)));
        stopTimer = startTimer(this.#readMs, () => this.#cut(caller, stream));
      }
      return answer;
    } catch (error) {
      give(0);
      throw error;
    }
  }

  #room(caller: ValidatorIndex, bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#fits(caller, bytes)) {
      this.#add(caller, bytes);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      const begin = () => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const waiting: Waiting = { caller, bytes, begin };
      this.#waiting.add(waiting);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #fits(caller: ValidatorIndex, bytes: number): boolean {
    const { bytesMax, bytesPerMemberMax } = LIMITS.unreadAnswers;
    if ((this.#held.get(caller) ?? 0) + bytes > bytesPerMemberMax) return false;
    if (this.#isSlow(caller) && this.#sum((member) => this.#isSlow(member)) + bytes > bytesMax / 2)
      return false;
    return this.bytes + bytes <= bytesMax;
  }

  #add(caller: ValidatorIndex, bytes: number): void {
    const held = (this.#held.get(caller) ?? 0) + bytes;
    if (held > 0) this.#held.set(caller, held);
    else this.#held.delete(caller);
    if (bytes < 0) this.#beginWaiting();
  }

  /** In the order they came; those of members that have their share wait on, and hold up nobody. */
  #beginWaiting(): void {
    for (const waiting of this.#waiting) {
      const { caller, bytes, begin } = waiting;
      if (!this.#fits(caller, bytes)) continue;
      this.#waiting.delete(waiting);
      this.#add(caller, bytes);
      begin();
    }
  }

  #cut(caller: ValidatorIndex, stream: AnswerStream): void {
    this.#slowUntil.set(caller, this.#now() + LIMITS.unreadAnswers.slowMs);
    stream.cut();
  }

  #isSlow(caller: ValidatorIndex): boolean {
    return (this.#slowUntil.get(caller) ?? Number.NEGATIVE_INFINITY) > this.#now();
  }

  #sum(counts: (member: ValidatorIndex) => boolean): number {
    let sum = 0;
    for (const [member, bytes] of this.#held) if (counts(member)) sum += bytes;
    return sum;
  }
}
