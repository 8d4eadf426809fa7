/**
 * The seals that S2 promises once all nodes are up: of a header that a threshold of honest members may countersign. Each of
 * these holds a share of the group key, and did not take over the header with a snapshot.
 */
import { FIRST_EPOCH } from "../../src/ledger/epochs.ts";
import { type Height, height } from "../../src/primitives/numbers.ts";
import { coverOf } from "../../src/seal/target.ts";
import { openCall } from "../support/open-call.ts";
import type { World } from "./world.ts";

export class PromisedSeals {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** True if a seal that covers this height is promised while the chain ends at `tip`. */
  covers(at: number, tip: number): boolean {
    return this.#isPromised(Math.min(coverOf(at), tip));
  }

  /** A header that has a promised seal, and whose seal this node lacks. */
  async lacking(index: number, tip: number): Promise<Height | undefined> {
    const store = this.#world.members[index]?.listening?.store;
    for (let at = 1; at <= tip; at = coverOf(at) + 1) {
      const target = height(Math.min(coverOf(at), tip));
      if (!this.#isPromised(target)) continue;
      if ((await store?.seals.load(target)) === undefined) return target;
    }
    return undefined;
  }

  #isPromised(target: number): boolean {
    const { honest, context } = this.#world;
    const signers = honest.filter(({ listening }) => {
      const share = listening?.ledger?.getStatus(openCall()).sealShare;
      const snapshot = listening?.store?.blocks.history.snapshot ?? 0;
      return share === "held" && snapshot < target;
    });
    return signers.length >= context.thresholdOf(FIRST_EPOCH);
  }
}
