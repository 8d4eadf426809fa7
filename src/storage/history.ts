/** Which blocks of the chain a store holds. */
import { type Height, height } from "../primitives/numbers.ts";

/**
 * All from 1 to the tip, in the end; a node that was started from a snapshot fills in downwards what lies between the
 * chain it had before and the block of the snapshot.
 */
export interface History {
  /** The state of this height was taken over: blocks up to it, those it had before excepted, were not executed here. 0: none. */
  readonly snapshot: Height;
  /** From here to the tip there is no hole. */
  readonly from: Height;
  /** From 1 to here neither; 0 if `from` is 1. */
  readonly below: Height;
}

/** Of a store that has executed everything. */
export const WHOLE_HISTORY: History = { snapshot: height(0), from: height(1), below: height(0) };

export function isWhole({ from }: History): boolean {
  return from === 1;
}

/** Whether the block of this height, one up to the tip, is held. */
export function isHeld({ from, below }: History, at: number): boolean {
  return at >= from || at <= below;
}

/** After everything from `from` upwards was filled in. */
export function filledDownTo({ snapshot, below }: History, from: Height): History {
  return from === below + 1
    ? { snapshot, from: height(1), below: height(0) }
    : { snapshot, from, below };
}
