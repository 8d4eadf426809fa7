/**
 * Bounds on the questions of peers: how much work the questions of one member make here at a time, and the rates at which
 * they are answered. The member that asks bears what its answers cost here (T6).
 */
import type { Bytes } from "../../primitives/bytes.ts";
import { KeyCounts } from "../../primitives/key-counts.ts";
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { type Rate, TokenBucket } from "../../primitives/token-bucket.ts";
import type { FetchedBlocks } from "../../transport/peer-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { System } from "../base/system.ts";

type Time = Pick<System, "monotonic" | "after">;

export class QuestionBounds {
  readonly #underWay = new KeyCounts<ValidatorIndex>();
  readonly #operations: MemberPace;
  readonly #blocks: MemberPace;
  readonly #registrations: SignedPace;
  readonly #seals: SignedPace;

  constructor(time: Time) {
    this.#operations = new MemberPace(LIMITS.operationsAskedByPeer, time);
    this.#blocks = new MemberPace(LIMITS.blockBytesAskedByPeer, time);
    const { registrationsOfPeer, registrationsOfStrangers } = LIMITS;
    this.#registrations = new SignedPace(registrationsOfPeer, registrationsOfStrangers, time);
    const { sealQuestionsOfPeer, sealQuestionsOfStrangers } = LIMITS;
    this.#seals = new SignedPace(sealQuestionsOfPeer, sealQuestionsOfStrangers, time);
  }

  /**
   * Works on one question more of `caller`, or refuses it. The listener counts calls until they are read or given up; the work
   * for a call that is given up goes on, and would pile up if it did not count. A caller that is no member is bounded by
   * its address, and takes up no member's room.
   */
  async work<T>(caller: ValidatorIndex | undefined, work: () => Promise<T>): Promise<T | Refusal> {
    if (caller === undefined) return await work();
    if (!this.#underWay.addBelow(LIMITS.callsPerMemberMax, caller)) {
      return new Refusal("TOO_MANY_REQUESTS", {
        message: "what this member asked for before is still being worked on",
      });
    }
    try {
      return await work();
    } finally {
      this.#underWay.add(caller, -1);
    }
  }

  /** Answers `count` operations, asked for by their hash, when it is their turn. */
  async operations<T>(caller: ValidatorIndex, count: number, answer: () => T): Promise<T> {
    await this.#operations.keep(caller, count);
    return answer();
  }

  /** Answers with blocks when those before them are paid for: only the answer shows how large it is. */
  async blocks(
    caller: ValidatorIndex,
    answer: () => Promise<FetchedBlocks>,
  ): Promise<FetchedBlocks> {
    await this.#blocks.keep(caller, LIMITS.headerBytesMax);
    const fetched = await answer();
    for (const { operations } of fetched.blocks) {
      this.#blocks.owe(caller, LIMITS.headerBytesMax + bytesOf(operations));
    }
    return fetched;
  }

  /** Takes a registration in when it is its turn. */
  async registration<T>(
    caller: ValidatorIndex | undefined,
    answer: () => Promise<T>,
  ): Promise<T | Refusal> {
    return (await this.#registrations.keep(caller)) ?? (await answer());
  }

  /** Answers a question about a seal when it is its turn. */
  async seal<T>(
    caller: ValidatorIndex | undefined,
    answer: () => Promise<T>,
  ): Promise<T | Refusal> {
    return (await this.#seals.keep(caller)) ?? (await answer());
  }
}

/**
 * The pace of calls that a signature in their body authenticates. Callers that are no proved members share one rate and are
 * refused beyond it: anyone may show a signed message again, so its signer is not charged for it.
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

  /** Settles when the call is within its rate, or with the refusal. */
  async keep(caller: ValidatorIndex | undefined): Promise<Refusal | undefined> {
    if (caller !== undefined) {
      await this.#members.keep(caller, 1);
      return undefined;
    }
    if (this.#strangers.take(1, this.#time.monotonic())) return undefined;
    return new Refusal("TOO_MANY_REQUESTS", {
      message:
        "callers that are no members make such calls faster than this node answers all of them together",
      metadata: { retryAfterMs: String(Math.max(1, this.#strangers.waitMs(1))) },
    });
  }
}

function bytesOf(operations: readonly Bytes[]): number {
  return operations.reduce((sum, { length }) => sum + length, 0);
}
