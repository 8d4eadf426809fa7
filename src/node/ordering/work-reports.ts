/** Reports the work of the pool to the core: when its branch changes, when the pool does, and when time alone does it (R2). */
import type { Request } from "../../consensus/interface.ts";
import type { System } from "../base/system.ts";
import type { PoolWork, Work } from "../execution/pool-work.ts";
import type { ConsensusDriver } from "./consensus-driver.ts";

type AssessRequest = Extract<Request, { kind: "assessWork" }>;

export interface WorkReportsParts {
  readonly work: Pick<PoolWork, "assess">;
  readonly driver: Pick<ConsensusDriver, "push">;
  readonly system: Pick<System, "wall" | "after">;
}

export class WorkReports {
  readonly #parts: WorkReportsParts;
  #request: AssessRequest | undefined;
  /** The last report; undefined if the same one would be news to the core. */
  #told: Pick<Work, "pending" | "overdue" | "worthABlock"> | undefined;
  /** When the running timer reassesses, by the wall clock. */
  #timerAt: number | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(parts: WorkReportsParts) {
    this.#parts = parts;
  }

  /** The core names another branch. */
  follow(request: AssessRequest): void {
    this.#request = request;
    this.#told = undefined;
    this.reassess();
  }

  /**
   * The pool gained or lost operations: reports the work on the core's branch. Most operations join others that wait, and
   * the core would learn nothing from another report.
   */
  reassess(): void {
    if (this.#request === undefined) return;
    const { work, driver, system } = this.#parts;
    const { branch, ancestors } = this.#request;
    const now = system.wall();
    const { pending, overdue, worthABlock, changesAt } = work.assess(branch, ancestors, now);
    this.#setTimer(changesAt, now);
    const told = this.#told;
    if (told?.pending === pending && told.overdue === overdue && told.worthABlock === worthABlock)
      return;
    this.#told = { pending, overdue, worthABlock };
    void driver.push({ kind: "work", pending, overdue, worthABlock });
  }

  /** The builder could order nothing of the pool: the core asks again only after another report (R8). */
  foundNothing(): void {
    this.#told = undefined;
  }

  /** The wall clock was set: a window may be over, and a proposal may no longer be early. */
  clockWasSet(): void {
    this.#cancel();
    this.reassess();
    void this.#parts.driver.push({ kind: "tick" });
  }

  stop(): void {
    this.#cancel();
    this.#request = undefined;
  }

  #setTimer(at: number | undefined, now: number): void {
    if (at === this.#timerAt) return;
    this.#cancel();
    if (at === undefined) return;
    this.#timerAt = at;
    this.#cancelTimer = this.#parts.system.after(at - now, () => {
      this.#timerAt = undefined;
      this.reassess();
    });
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = undefined;
  }
}
