/** The highest final height that each peer has reported: its own claim, shown to operators; nothing depends on it. */
import type { ValidatorIndex } from "../../primitives/numbers.ts";

export class PeerHeights {
  readonly #heights = new Map<ValidatorIndex, number>();

  /** 0 if it has reported none. */
  of(peer: ValidatorIndex): number {
    return this.#heights.get(peer) ?? 0;
  }

  note(peer: ValidatorIndex, told: number): void {
    this.#heights.set(peer, Math.max(this.of(peer), told));
  }
}
