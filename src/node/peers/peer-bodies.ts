/** From which block on each peer says that it keeps the contents of blocks: its own claim, shown to clients and operators. */
import type { ValidatorIndex } from "../../primitives/numbers.ts";

export class PeerBodies {
  readonly #from = new Map<ValidatorIndex, number>();

  /** Undefined if it has not said so since this process started. */
  of(peer: ValidatorIndex): number | undefined {
    return this.#from.get(peer);
  }

  note(peer: ValidatorIndex, from: number): void {
    this.#from.set(peer, from);
  }

  /** The peers that keep this block. */
  keepersOf(at: number): ValidatorIndex[] {
    return [...this.#from].flatMap(([peer, from]) => (from <= at ? peer : []));
  }
}
