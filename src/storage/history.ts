/** The blocks of the chain that a store holds. */
import { type Height, height } from "../primitives/numbers.ts";

/**
 * A store holds all blocks from 1 to the tip, unless the node started from a snapshot. Then there is a hole between
 * its old chain and the snapshot's block, which is filled downwards.
 */
export interface History {
  /** The height whose state came from a peer; 0 if none. Blocks of the hole are not executed here. */
  readonly snapshot: Height;
  /** Blocks from this height to the tip are held. */
  readonly from: Height;
  /** Blocks 1 to this height are held too; 0 if there is no hole. */
  readonly below: Height;
}

/** The history of a store without a hole. */
export const WHOLE_HISTORY: History = { snapshot: height(0), from: height(1), below: height(0) };

/** True if a store can have come to it. */
export function isHistory({ snapshot, from, below }: History): boolean {
  return from === 1 ? below === 0 : from > below + 1 && from <= snapshot;
}

export function isWhole({ from }: History): boolean {
  return from === 1;
}

/** True if the block of this height, at most the tip, is held. */
export function isHeld({ from, below }: History, at: number): boolean {
  return at >= from || at <= below;
}

/** The history after the hole is filled from its top down to `from`. */
export function filledDownTo({ snapshot, below }: History, from: Height): History {
  return from === below + 1
    ? { snapshot, from: height(1), below: height(0) }
    : { snapshot, from, below };
}
