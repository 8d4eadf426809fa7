/**
 * How much work the questions of one member make here at a time. The listener counts its calls until they are read or
 * given up; what was begun for one that is given up goes on, and would pile up if it did not count.
 */
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { Refusal } from "../transport/refusal.ts";

export class WorkBounds {
  readonly #underWay = new Map<ValidatorIndex | undefined, number>();

  async run<T>(caller: ValidatorIndex | undefined, work: () => Promise<T>): Promise<T | Refusal> {
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
