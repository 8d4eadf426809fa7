/** Wall clocks of the nodes of one process, each set by a test; all else of time and chance is the machine's. */
import { realSystem, type System } from "../../src/node/base/system.ts";

export class SetClocks {
  readonly #aheadMs = new Map<number, number>();

  /** How far the wall clock of this node is ahead from now on; negative: behind. */
  set(node: number, aheadMs: number): void {
    this.#aheadMs.set(node, aheadMs);
  }

  readonly systemOf = (node: number): System => ({
    ...realSystem,
    wall: () => realSystem.wall() + (this.#aheadMs.get(node) ?? 0),
  });
}
