/**
 * Who is asked first for blocks of the past: whoever gave most for its time when it was asked last. Otherwise a peer that
 * gives one block just before patience with it ends would be asked again and again, and hold up a start for days.
 */
import type { ValidatorIndex } from "../../primitives/numbers.ts";

export class GiverRanking {
  /** Blocks in a millisecond. Who was not asked yet is asked before all others. */
  readonly #rates = new Map<ValidatorIndex, number>();
  /** They are asked after all others. */
  readonly #liars = new Set<ValidatorIndex>();

  gave(peer: ValidatorIndex, blocks: number, afterMs: number): void {
    this.#rates.set(peer, blocks / Math.max(afterMs, 1));
  }

  lied(peer: ValidatorIndex): void {
    this.#liars.add(peer);
  }

  /** The same peers, best first. */
  inOrder(peers: readonly ValidatorIndex[]): ValidatorIndex[] {
    const rate = (peer: ValidatorIndex) =>
      this.#liars.has(peer) ? -1 : (this.#rates.get(peer) ?? Number.MAX_VALUE);
    return peers.toSorted((left, right) => rate(right) - rate(left));
  }
}
