/** Invariant 5: every block that a node may acknowledge is on the disks of a quorum, not counting faulty nodes. */
import type { Finalized } from "../../../src/consensus/interface.ts";
import { toHex } from "../../../src/primitives/bytes.ts";
import { Violation } from "../../support/world/violation.ts";
import type { Disk } from "../disk.ts";

export class DurabilityChecker {
  readonly #honestDisks: readonly Disk[];
  /** A quorum less the faulty nodes, which may sign for blocks that they do not hold. */
  readonly #needed: number;

  constructor(options: { honestDisks: readonly Disk[]; needed: number }) {
    this.#honestDisks = options.honestDisks;
    this.#needed = options.needed;
  }

  check({ block }: Finalized): void {
    const key = toHex(block.hash);
    const holders = this.#honestDisks.filter((disk) => disk.holdsDurably(key)).length;
    if (holders >= this.#needed) return;
    throw new Violation("durability", `height ${block.header.height} is on ${holders} disks`);
  }
}
