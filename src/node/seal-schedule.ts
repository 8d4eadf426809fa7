/** Which targets want a seal from this node now: its rank decides how long others come first (DESIGN 3.6). */
import { LIMITS } from "../primitives/limits.ts";
import { type Height, height, type ValidatorIndex } from "../primitives/numbers.ts";
import { rankOf, startsAt } from "../seal/schedule.ts";
import { covers, type SealTarget } from "../seal/target.ts";

interface Wanted {
  readonly target: SealTarget;
  /** When this node begins, milliseconds. */
  dueAt: number;
}

export interface ScheduleParts {
  readonly self: ValidatorIndex;
  readonly validators: number;
  readonly sealTimeoutMs: number;
}

export class SealSchedule {
  readonly #parts: ScheduleParts;
  #wanted: Wanted[] = [];

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /** A target became sealable. A newer tip makes an older one unwanted, but for multiples of the interval. */
  want(target: SealTarget, now: number): void {
    if (target.kind === "header") {
      this.#wanted = this.#wanted.filter(
        (one) => one.target.kind === "test" || isMilestone(one.target.height),
      );
    }
    const { self, validators, sealTimeoutMs } = this.#parts;
    const rank = rankOf(target, self, validators);
    this.#wanted.push({ target, dueAt: startsAt(now, rank, sealTimeoutMs) });
  }

  /** A seal holds: whatever it covers needs no other. Milestones are sealed by themselves. */
  sealed(target: SealTarget): void {
    this.#wanted = this.#wanted.filter((one) => {
      const milestone = one.target.kind === "header" && isMilestone(one.target.height);
      if (!covers(one.target, target)) return true;
      return milestone && target.kind === "header" && target.height !== one.target.height;
    });
  }

  /** The most urgent target that is due, put off by a full round of ranks in case it comes to nothing. */
  takeDue(now: number): SealTarget | undefined {
    const due = this.#wanted.filter((one) => one.dueAt <= now);
    const test = due.find((one) => one.target.kind === "test");
    const testWanted = this.#wanted.some((one) => one.target.kind === "test");
    const next = test ?? (testWanted ? undefined : due[0]);
    if (next === undefined) return undefined;
    next.dueAt = now + this.#parts.validators * this.#parts.sealTimeoutMs;
    return next.target;
  }

  /** When something is due next; nothing is before the test message has its seal. */
  get nextDue(): number | undefined {
    const tests = this.#wanted.filter((one) => one.target.kind === "test");
    const times = (tests.length > 0 ? tests : this.#wanted).map((one) => one.dueAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

export function isMilestone(at: Height): boolean {
  return at % LIMITS.sealInterval === 0;
}

/** Where the store keeps the sealed test message: no header is sealed at the genesis height. */
export const TEST_SEAL_HEIGHT = height(0);
