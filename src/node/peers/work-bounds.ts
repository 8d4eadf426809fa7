/**
 * How much work the questions of one member make here at a time. The listener counts its calls until they are read or
 * given up; what was begun for one that is given up goes on, and would pile up if it did not count (T6).
 */
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { Refusal } from "../../transport/refusal.ts";

export class WorkBounds {
  readonly #underWay = new Map<ValidatorIndex, number>();

  /** A caller that is no member is bounded by its address, and takes up nobody else's room. */
  async run<T>(caller: ValidatorIndex | undefined, work: () => Promise<T>): Promise<T | Refusal> {
    if (caller === undefined) return await work();
    const count = this.#underWay.get(caller) ?? 0;
    if (count >= LIMITS.callsPerMemberMax) {
      return new Refusal("TOO_MANY_REQUESTS", {
        message: "what this member asked for before is still being worked on",
      });
    }
    this.#underWay.set(caller, count + 1);
    try {
      return await work();
    } finally {
      this.#underWay.set(caller, (this.#underWay.get(caller) ?? 1) - 1);
    }
  }
}
