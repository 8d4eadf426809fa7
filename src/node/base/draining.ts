/**
 * A node that its operator has taken out of service: it accepts no new orders, and answers those that it has
 * accepted.
 */
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "./system.ts";

export class Draining {
  readonly #system: Pick<System, "after">;
  readonly #waiting = new Set<() => void>();
  #isOn = false;
  #underWay = 0;

  constructor(system: Pick<System, "after">) {
    this.#system = system;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Number of orders that are not answered yet. */
  get underWay(): number {
    return this.#underWay;
  }

  begin(): void {
    this.#isOn = true;
  }

  resume(): void {
    this.#isOn = false;
  }

  /** Runs an order of a client. If the node is out of service, `run` gets the refusal that every new order must have. */
  async order<T>(run: (refusal?: Refusal) => Promise<T>): Promise<T> {
    if (this.#isOn) return await run(outOfService());
    this.#underWay += 1;
    try {
      return await run();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) for (const done of [...this.#waiting]) done();
    }
  }

  /** Settles when no order is under way, after `waitMs`, or when `signal` aborts. */
  untilIdle(waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#underWay === 0 || waitMs === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#system.after(waitMs, done);
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

export const OUT_OF_SERVICE = "its operator has taken it out of service for orders";

function outOfService(): Refusal {
  return new Refusal("NOT_READY", { message: `this node takes no orders: ${OUT_OF_SERVICE}` });
}
