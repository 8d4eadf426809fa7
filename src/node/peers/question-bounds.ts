/**
 * Bounds on the questions of peers: the work that one member may cause here at a time, and the rates of its
 * questions. A member is charged for the answers that it asks for (T6).
 */
import type { Bytes } from "../../primitives/bytes.ts";
import { KeyCounts } from "../../primitives/key-counts.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { rateOfMember, roomOfMember } from "../../primitives/member-shares.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { type Rate, TokenBucket } from "../../primitives/token-bucket.ts";
import type { FetchedBlocks } from "../../transport/peer-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { System } from "../base/system.ts";

type Time = Pick<System, "monotonic" | "after">;

/** A question of a member; `signal` aborts when the member no longer waits for the answer. */
export interface MemberCall {
  readonly caller: ValidatorIndex;
  readonly signal: AbortSignal | undefined;
}

/** A question of a member or, without `caller`, of a stranger. */
export interface AnyCall {
  readonly caller: ValidatorIndex | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The answer to a call that is over; no caller reads it. */
export const GIVEN_UP = new Refusal("CANCELED", { message: "the call was given up" });

export class QuestionBounds {
  readonly #underWay = new KeyCounts<ValidatorIndex>();
  readonly #operations: MemberPace;
  readonly #blocks: MemberPace;
  readonly #registrations: SignedPace;
  readonly #seals: SignedPace;
  readonly #callsMax: number;

  /** `members`: n of the network. */
  constructor(time: Time, members: number) {
    this.#operations = new MemberPace(rateOfMember("operationsAskedByPeer", members), time);
    this.#blocks = new MemberPace(rateOfMember("blockBytesAskedByPeer", members), time);
    const { registrationsOfStrangers, sealQuestionsOfStrangers } = LIMITS;
    const registrations = rateOfMember("registrationsOfPeer", members);
    this.#registrations = new SignedPace(registrations, registrationsOfStrangers, time);
    const sealQuestions = rateOfMember("sealQuestionsOfPeer", members);
    this.#seals = new SignedPace(sealQuestions, sealQuestionsOfStrangers, time);
    this.#callsMax = roomOfMember(members).callsMax;
  }

  /**
   * Works on one more question of `caller`, or refuses it. The listener counts a call until its answer is read or its
   * caller gives up. The work for an abandoned call goes on, so it is counted here; otherwise it could pile up. A
   * caller that is not a member is bounded by its address, and takes no member's room.
   */
  async work<T>(caller: ValidatorIndex | undefined, work: () => Promise<T>): Promise<T | Refusal> {
    if (caller === undefined) return await work();
    if (!this.#underWay.addBelow(this.#callsMax, caller)) {
      return new Refusal("TOO_MANY_REQUESTS", {
        message: "earlier questions of this member are still being answered",
      });
    }
    try {
      return await work();
    } finally {
      this.#underWay.add(caller, -1);
    }
  }

  /** Gives `count` operations, asked for by hash, when the caller's rate allows it. */
  async operations<T>(
    { caller, signal }: MemberCall,
    count: number,
    answer: () => T,
  ): Promise<T | Refusal> {
    return (await this.#operations.keep(caller, count, signal)) ? answer() : GIVEN_UP;
  }

  /** Gives blocks once the earlier ones are paid for: the size of an answer is known only afterwards. */
  async blocks(
    { caller, signal }: MemberCall,
    answer: () => Promise<FetchedBlocks>,
  ): Promise<FetchedBlocks | Refusal> {
    if (!(await this.#blocks.keep(caller, LIMITS.headerBytesMax, signal))) return GIVEN_UP;
    const fetched = await answer();
    for (const { operations } of fetched.blocks) {
      this.#blocks.owe(caller, LIMITS.headerBytesMax + bytesOf(operations));
    }
    return fetched;
  }

  /** Handles a registration when the caller's rate allows it. */
  async registration<T>(call: AnyCall, answer: () => Promise<T>): Promise<T | Refusal> {
    return (await this.#registrations.keep(call)) ?? (await answer());
  }

  /** Answers a question about a seal when the caller's rate allows it. */
  async seal<T>(call: AnyCall, answer: () => Promise<T>): Promise<T | Refusal> {
    return (await this.#seals.keep(call)) ?? (await answer());
  }
}

/**
 * The rate of calls that a signature in their body authenticates. Callers that are not proved members share one rate
 * and are refused beyond it. The signer is not charged, because anyone may present a signed message again.
 */
class SignedPace {
  readonly #members: MemberPace;
  readonly #strangers: TokenBucket;
  readonly #time: Time;

  constructor(ofMember: Rate, ofStrangers: Rate, time: Time) {
    this.#members = new MemberPace(ofMember, time);
    this.#strangers = new TokenBucket(ofStrangers, time.monotonic());
    this.#time = time;
  }

  /** Settles when the call is within its rate; gives the refusal otherwise. */
  async keep({ caller, signal }: AnyCall): Promise<Refusal | undefined> {
    if (caller !== undefined) {
      return (await this.#members.keep(caller, 1, signal)) ? undefined : GIVEN_UP;
    }
    if (this.#strangers.take(1, this.#time.monotonic())) return undefined;
    return new Refusal("TOO_MANY_REQUESTS", {
      message:
        "callers that are not members make such calls faster than this node answers all " +
        "of them together",
      metadata: { retryAfterMs: String(Math.max(1, this.#strangers.waitMs(1))) },
    });
  }
}

function bytesOf(operations: readonly Bytes[]): number {
  return operations.reduce((sum, { length }) => sum + length, 0);
}
