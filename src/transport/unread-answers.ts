/**
 * Bounds the memory for answers that peers have requested and not read. A large answer is built only when there is
 * room for it. Each member may have one in reserved room, of which there is more than f colluders can fill; further
 * answers use shared room. An answer that is not read in time is cut off (T7).
 */
import { constants, type ServerHttp2Stream } from "node:http2";
import { KeyCounts } from "../primitives/key-counts.ts";
import { LIMITS } from "../primitives/limits.ts";
import { answerBytesMax } from "../primitives/member-shares.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { faultsTolerated } from "../primitives/validators.ts";
import { startTimer } from "./timers.ts";

/** The stream of an answer. */
export interface AnswerStream {
  /** Calls `gone` once, when the answer was read or the stream has ended. */
  readonly onGone: (gone: () => void) => void;
  /** Ends the stream and drops the rest of the answer. */
  readonly cut: () => void;
}

export function answerStreamOn(stream: ServerHttp2Stream): AnswerStream {
  return {
    onGone: (gone) => {
      if (stream.destroyed) gone();
      else stream.once("close", gone);
    },
    cut: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}

/** The room of an answer. */
type Room = "own" | "shared";

interface Waiting {
  readonly caller: ValidatorIndex;
  readonly bytes: number;
  readonly begin: (room: Room) => void;
}

export interface UnreadAnswersOptions {
  /** n of the network. */
  readonly members: number;
  /** Of the largest block that the network allows; by default of any network. */
  readonly blockBytesMax?: number | undefined;
  /** The time in which an answer must be read, milliseconds. */
  readonly readMs?: number;
}

export class UnreadAnswers {
  readonly #readMs: number;
  readonly #ownMax: number;
  /** Bytes of the largest answer with blocks. */
  readonly blocksBytesMax: number;
  /** Members with an answer in reserved room. */
  readonly #own = new Set<ValidatorIndex>();
  /** Bytes of the shared room, by member. */
  readonly #shared = new KeyCounts<ValidatorIndex>();
  #bytes = 0;
  /** In the order of their arrival. */
  readonly #waiting = new Set<Waiting>();

  constructor({
    members,
    blockBytesMax = LIMITS.blockBytesMax,
    readMs = LIMITS.unreadAnswers.readMs,
  }: UnreadAnswersOptions) {
    this.#readMs = readMs;
    this.#ownMax = ownAnswersMax(members);
    this.blocksBytesMax = answerBytesMax(members, blockBytesMax);
  }

  /** Bytes held by all members, including the room of answers that are being built. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Runs `build`, whose answer has at most `bytesMax` bytes, when there is room; `sizeOf` gives its real size. The
   * room is released when `stream` has ended and `build` has settled or, without a stream, at the end of the call.
   * Rejects with the reason of `signal`.
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
      // An answer that is being built keeps its room even if its call has ended.
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

  /** Undefined if there is no room of this size now. */
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

  /** A negative number releases room. */
  #take(caller: ValidatorIndex, room: Room, bytes: number): void {
    this.#bytes += bytes;
    if (room === "shared") this.#shared.add(caller, bytes);
  }

  /** In the order of arrival. Waiting answers of members that have used their share do not hold up others. */
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

/**
 * The number of members that may have an answer in reserved room at a time: f that never read theirs, and a few that
 * do.
 */
export function ownAnswersMax(members: number): number {
  return faultsTolerated(members) + LIMITS.unreadAnswers.ownBesideFaults;
}
