/** Slows the answers to members that ask for more than their rate, and to no other members. */
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { type Rate, TokenBucket } from "../../primitives/token-bucket.ts";
import { pause } from "../../transport/timers.ts";
import type { System } from "./system.ts";

export class MemberPace {
  readonly #rate: Rate;
  readonly #system: Pick<System, "monotonic" | "after">;
  readonly #held = new Map<ValidatorIndex, TokenBucket>();

  constructor(rate: Rate, system: Pick<System, "monotonic" | "after">) {
    this.#rate = rate;
    this.#system = system;
  }

  /**
   * Settles when a question of `member` that costs `cost` tokens is within its rate, or as soon as `signal` aborts. It
   * gives false then: the question is not to be answered any more. It stays charged, because given-up questions would cost
   * their member nothing otherwise.
   */
  async keep(member: ValidatorIndex, cost: number, signal?: AbortSignal): Promise<boolean> {
    const system = this.#system;
    const waitMs = this.#charge(member, cost);
    if (waitMs > 0) await pause(system, waitMs, signal);
    return signal?.aborted !== true;
  }

  /** Charges `member` for work already done: its next question waits for it. */
  owe(member: ValidatorIndex, cost: number): void {
    this.#charge(member, cost);
  }

  #charge(member: ValidatorIndex, cost: number): number {
    const now = this.#system.monotonic();
    const bucket = this.#held.get(member) ?? new TokenBucket(this.#rate, now);
    this.#held.set(member, bucket);
    return bucket.charge(cost, now, LIMITS.memberDebtMsMax);
  }
}
