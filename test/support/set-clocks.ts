/** Wall clocks of the nodes of one process, each set by a test; timers and randomness are the machine's. */
import { realSystem, type System } from "../../src/node/base/system.ts";

export class SetClocks {
  readonly #aheadMs = new Map<number, number>();

  /** Sets the lead of this node's wall clock from now on; negative: behind. */
  set(node: number, aheadMs: number): void {
    this.#aheadMs.set(node, aheadMs);
  }

  readonly systemOf = (node: number): System => ({
    ...realSystem,
    wall: () => realSystem.wall() + (this.#aheadMs.get(node) ?? 0),
  });
}
