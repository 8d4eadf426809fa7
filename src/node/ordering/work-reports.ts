/** Reports the work of the pool to the core: when its branch changes, when the pool does, and when time alone does it (R2). */
import type { Request } from "../../consensus/interface.ts";
import type { System } from "../base/system.ts";
import type { PoolWork } from "../execution/pool-work.ts";
import type { ConsensusDriver } from "./consensus-driver.ts";

type AssessRequest = Extract<Request, { kind: "assessWork" }>;

export interface WorkReportsParts {
  readonly work: PoolWork;
  readonly driver: Pick<ConsensusDriver, "push">;
  readonly system: Pick<System, "wall" | "after">;
}

export class WorkReports {
  readonly #parts: WorkReportsParts;
  #request: AssessRequest | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(parts: WorkReportsParts) {
    this.#parts = parts;
  }

  /** The core names another branch. */
  follow(request: AssessRequest): void {
    this.#request = request;
    this.reassess();
  }

  /** The pool gained or lost operations: reports the work on the core's branch. */
  reassess(): void {
    if (this.#request === undefined) return;
    const { work, driver, system } = this.#parts;
    const { branch, ancestors } = this.#request;
    const now = system.wall();
    const { pending, overdue, changesAt } = work.assess(branch, ancestors, now);
    void driver.push({ kind: "work", pending, overdue });
    this.#cancelTimer?.();
    this.#cancelTimer =
      changesAt === undefined ? undefined : system.after(changesAt - now, () => this.reassess());
  }

  /** The wall clock was set: a window may be over, and a proposal may no longer be early. */
  clockWasSet(): void {
    this.reassess();
    void this.#parts.driver.push({ kind: "tick" });
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#request = undefined;
  }
}
