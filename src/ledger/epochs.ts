/** Epochs: the validator set that certifies a block. There is one so far, the genesis's; only this file knows that. */
import { assert } from "../primitives/assert.ts";
import { type Epoch, epoch, type Height } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import type { Genesis } from "./genesis.ts";

export const FIRST_EPOCH = epoch(1);

/** The epoch of the block at `height`. */
export function epochAt(_genesis: Genesis, _height: Height): Epoch {
  return FIRST_EPOCH;
}

/** The validators of an epoch that `epochAt` has given, in the order of their indices. */
export function membersOf(genesis: Genesis, ofEpoch: Epoch): readonly Validator[] {
  assert(ofEpoch === FIRST_EPOCH, "the ledger knows the members of the first epoch only");
  return genesis.validators;
}

/** The validators of all epochs. */
export function allValidators(genesis: Genesis): readonly Validator[] {
  return membersOf(genesis, FIRST_EPOCH);
}
