/**
 * Queues signature checks of consensus messages on the thread that votes: one budget for all members, a fair turn for
 * each, and members' votes for the current views first. So colluders, however many, delay an honest vote by at most
 * one slice (T4).
 */
import { LIMITS } from "../../primitives/limits.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { SignatureCheck } from "../../primitives/signature.ts";
import { TokenBucket } from "../../primitives/token-bucket.ts";
import { pause } from "../../transport/timers.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";
import type { System } from "../base/system.ts";
import { Yielder } from "../base/yielding.ts";

/** Signatures checked in one go: about a millisecond. */
const SLICE = 16;
/** Number of slices before other work on the thread gets its turn. */
const SLICES_PER_TURN = 4;

interface Job {
  readonly checks: readonly SignatureCheck[];
  next: number;
  isDropped: boolean;
  readonly settle: (holds: boolean) => void;
}

export interface CheckQueueParts {
  readonly checker: SignatureChecker;
  readonly system: Pick<System, "monotonic" | "after">;
}

export class CheckQueue {
  /**
   * The jobs of each member that has any, in the order of turns. The turns are those of members, so many small jobs
   * gain nothing.
   */
  readonly #jobs = new Map<ValidatorIndex, Job[]>();
  readonly #budget: TokenBucket;
  /** Counts the slices of all jobs: many small jobs pause as often as a large one. */
  readonly #turns = new Yielder(SLICES_PER_TURN);
  readonly #checker: SignatureChecker;
  readonly #system: CheckQueueParts["system"];
  #running = false;

  constructor({ checker, system }: CheckQueueParts) {
    this.#checker = checker;
    this.#system = system;
    this.#budget = new TokenBucket(LIMITS.consensusChecks, system.monotonic());
  }

  /** Checks that wait. */
  get size(): number {
    const jobs = [...this.#jobs.values()].flat();
    return jobs.reduce((sum, { checks, next }) => sum + checks.length - next, 0);
  }

  /**
   * True if all of `checks` hold. Each member has its turn, slice by slice, within the one budget. False as soon as
   * `signal` aborts: a job, with the batch whose bytes it holds, does not outlive the link that brought it.
   */
  async check(
    member: ValidatorIndex,
    checks: readonly SignatureCheck[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (checks.length === 0) return true;
    const held = Promise.withResolvers<boolean>();
    const job: Job = { checks, next: 0, isDropped: false, settle: held.resolve };
    const jobs = this.#jobs.get(member) ?? [];
    if (signal?.aborted === true || jobs.length >= LIMITS.checkJobsPerMemberMax) return false;
    jobs.push(job);
    this.#jobs.set(member, jobs);
    const drop = () => dropJob(jobs, job);
    signal?.addEventListener("abort", drop, { once: true });
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
    const holds = await held.promise;
    signal?.removeEventListener("abort", drop);
    return holds;
  }

  /** Runs before all waiting checks: for the one vote of a kind that a member gives in a current view. */
  async checkFirst(check: SignatureCheck): Promise<boolean> {
    return await this.#checker.check([check]);
  }

  /** Takes one slice of the oldest job of each member in turn. */
  async #run(): Promise<void> {
    for (let next = this.#nextMember(); next !== undefined; next = this.#nextMember()) {
      const [member, jobs] = next;
      const [job] = jobs;
      if (job !== undefined && (await this.#isSettled(job))) jobs.shift();
      // Runs to the end, including jobs that come meanwhile.
      this.#jobs.delete(member);
      if (jobs.length > 0) this.#jobs.set(member, jobs);
      await this.#turns.count(1);
    }
    this.#running = false;
  }

  #nextMember(): [ValidatorIndex, Job[]] | undefined {
    const [first] = this.#jobs;
    return first;
  }

  /** Checks one slice of a job; true if its outcome is now known. */
  async #isSettled(job: Job): Promise<boolean> {
    if (job.isDropped) return true;
    const [checker, system] = [this.#checker, this.#system];
    const slice = job.checks.slice(job.next, job.next + SLICE);
    const waitMs = this.#budget.charge(slice.length, system.monotonic());
    if (waitMs > 0) await pause(system, waitMs);
    const holds = await checker.check(slice);
    job.next += slice.length;
    if (holds && job.next < job.checks.length) return false;
    job.settle(holds);
    return true;
  }
}

/** The first job may be under way: its turn removes it. */
function dropJob(jobs: Job[], job: Job): void {
  job.isDropped = true;
  const index = jobs.indexOf(job);
  if (index > 0) jobs.splice(index, 1);
  job.settle(false);
}
