/**
 * Memory for answers that peers have asked for and not read yet. A large answer is built when there is room for it: each member
 * may have one in room of its own, of which there is more than f colluders can fill, and further ones in room that all share.
 * An answer that is not read in time is cut (T7).
 */
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { faultsTolerated } from "../primitives/validators.ts";
import { startTimer } from "./timers.ts";

/** The stream that an answer goes out by. */
export interface AnswerStream {
  /** Calls `gone` once, when the answer was read or the stream has ended. */
  readonly onGone: (gone: () => void) => void;
  /** Ends the stream with what is left of the answer. */
  readonly cut: () => void;
}

/** The room that an answer takes up. */
type Room = "own" | "shared";

interface Waiting {
  readonly caller: ValidatorIndex;
  readonly bytes: number;
  readonly begin: (room: Room) => void;
}

export interface UnreadAnswersOptions {
  /** n of the network. */
  readonly members: number;
  /** The time in which an answer must be read, milliseconds. */
  readonly readMs?: number;
}

export class UnreadAnswers {
  readonly #readMs: number;
  readonly #ownMax: number;
  /** Members that have an answer in room of their own. */
  readonly #own = new Set<ValidatorIndex>();
  /** Bytes of the shared room, by member. */
  readonly #shared = new KeyCounts<ValidatorIndex>();
  #bytes = 0;
  /** In the order they came. */
  readonly #waiting = new Set<Waiting>();

  constructor({ members, readMs = LIMITS.unreadAnswers.readMs }: UnreadAnswersOptions) {
    this.#readMs = readMs;
    this.#ownMax = ownAnswersMax(members);
  }

  /** Bytes that all members hold, the room of answers that are being built included. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Runs `build`, whose answer has at most `bytesMax` bytes, when there is room; `sizeOf` is what it came to. The room is
   * given back when `stream` has ended and `build` has settled, or with the call if it has no stream. Rejects with the reason of `signal`.
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
    const room = await this.#room(caller, bytesMax, signal);
    let held = bytesMax;
    const give = (kept: number) => {
      if (held === 0) return;
      this.#take(caller, room, kept - held);
      held = kept;
      if (kept === 0 && room === "own") this.#own.delete(caller);
      this.#beginWaiting();
    };
    let stopTimer: (() => void) | undefined;
    let isBuilt = false;
    let isGone = false;
    stream?.onGone(() => {
      isGone = true;
      stopTimer?.();
      // What is being built takes its room, though no call waits for it any more.
      if (isBuilt) give(0);
    });
    try {
      const answer = await build();
      isBuilt = true;
      if (stream === undefined || isGone) give(0);
      else {
        give(Math.min(held, sizeOf(answer)));
        stopTimer = startTimer(this.#readMs, () => stream.cut());
      }
      return answer;
    } catch (error) {
      give(0);
      throw error;
    }
  }

  #room(caller: ValidatorIndex, bytes: number, signal: AbortSignal): Promise<Room> {
    signal.throwIfAborted();
    const room = this.#roomFor(caller, bytes);
    if (room !== undefined) {
      this.#occupy(caller, room, bytes);
      return Promise.resolve(room);
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      const begin = (given: Room) => {
        signal.removeEventListener("abort", giveUp);
        resolve(given);
      };
      const waiting: Waiting = { caller, bytes, begin };
      this.#waiting.add(waiting);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Undefined if there is none for so much now. */
  #roomFor(caller: ValidatorIndex, bytes: number): Room | undefined {
    if (!this.#own.has(caller)) return this.#own.size < this.#ownMax ? "own" : undefined;
    const { sharedBytesMax, sharedBytesPerMemberMax } = LIMITS.unreadAnswers;
    if (this.#shared.of(caller) + bytes > sharedBytesPerMemberMax) return undefined;
    return this.#shared.total + bytes <= sharedBytesMax ? "shared" : undefined;
  }

  #occupy(caller: ValidatorIndex, room: Room, bytes: number): void {
    if (room === "own") this.#own.add(caller);
    this.#take(caller, room, bytes);
  }

  /** Fewer than none gives room back. */
  #take(caller: ValidatorIndex, room: Room, bytes: number): void {
    this.#bytes += bytes;
    if (room === "shared") this.#shared.add(caller, bytes);
  }

  /** In the order they came; those of members that have their share wait on, and hold up no others. */
  #beginWaiting(): void {
    for (const waiting of this.#waiting) {
      const { caller, bytes, begin } = waiting;
      const room = this.#roomFor(caller, bytes);
      if (room === undefined) continue;
      this.#waiting.delete(waiting);
      this.#occupy(caller, room, bytes);
      begin(room);
    }
  }
}

/** Members that may have an answer in room of their own at a time: f that never read it, and a few that do. */
export function ownAnswersMax(members: number): number {
  return faultsTolerated(members) + LIMITS.unreadAnswers.ownBesideFaults;
}
