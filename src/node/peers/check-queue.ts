/**
 * Signature checks of consensus messages on the thread that votes: one budget for all members, a fair turn for each, and
 * the votes that members give for the current views before everything else. So what f colluders send, however many
 * they are, delays an honest vote by no more than one slice (T4).
 */
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { SignatureCheck } from "../../primitives/signature.ts";
import { TokenBucket } from "../../primitives/token-bucket.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";

/** Checked in one go: about a millisecond. */
const SLICE = 16;
/** Slices before whatever else waits for the thread has its turn. */
const SLICES_PER_TURN = 4;

interface Job {
  readonly member: ValidatorIndex;
  readonly checks: readonly SignatureCheck[];
  next: number;
  readonly settle: (holds: boolean) => void;
}

export interface CheckQueueParts {
  readonly checker: SignatureChecker;
  readonly system: Pick<System, "monotonic" | "after">;
  /** Settles after whatever else waits for the thread had its turn. */
  readonly turn: () => Promise<void>;
}

export class CheckQueue {
  readonly #parts: CheckQueueParts;
  /** In the order of their turns; a job that is not done goes to the end. */
  readonly #jobs: Job[] = [];
  readonly #budget: TokenBucket;
  #running = false;
  /** Of all jobs: many small ones take turns like a large one. */
  #slices = 0;

  constructor(parts: CheckQueueParts) {
    this.#parts = parts;
    this.#budget = new TokenBucket(LIMITS.consensusChecks, parts.system.monotonic());
  }

  /** Checks that wait. */
  get size(): number {
    return this.#jobs.reduce((sum, { checks, next }) => sum + checks.length - next, 0);
  }

  /** True if all of `checks` hold. Each member has its turn, slice by slice, within the one budget. */
  async check(member: ValidatorIndex, checks: readonly SignatureCheck[]): Promise<boolean> {
    if (checks.length === 0) return true;
    const held = Promise.withResolvers<boolean>();
    this.#jobs.push({ member, checks, next: 0, settle: held.resolve });
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
    return await held.promise;
  }

  /** Before all that waits: for the one vote of a kind that a member gives in a current view. */
  async checkFirst(check: SignatureCheck): Promise<boolean> {
    return await this.#parts.checker.check([check]);
  }

  async #run(): Promise<void> {
    const { checker, system, turn } = this.#parts;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      const slice = job.checks.slice(job.next, job.next + SLICE);
      const waitMs = this.#budget.charge(slice.length, system.monotonic());
      if (waitMs > 0) await new Promise<void>((resolve) => system.after(waitMs, resolve));
      const holds = await checker.check(slice);
      job.next += slice.length;
      if (!holds || job.next >= job.checks.length) job.settle(holds);
      else this.#jobs.push(job);
      this.#slices += 1;
      if (this.#slices % SLICES_PER_TURN === 0) await turn();
    }
    this.#running = false;
  }
}
