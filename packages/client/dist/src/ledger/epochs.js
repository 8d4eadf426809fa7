/** Epochs: the validator set that certifies a block. There is one so far, the genesis's; only this file knows that. */
import { assert } from "../primitives/assert.js";
import { epoch } from "../primitives/numbers.js";
export const FIRST_EPOCH = epoch(1);
/** The epoch of the block at `height`. */
export function epochAt(_genesis, _height) {
    return FIRST_EPOCH;
}
/** The validators of an epoch that `epochAt` has given, in the order of their indices. */
export function membersOf(genesis, ofEpoch) {
    assert(ofEpoch === FIRST_EPOCH, "the ledger knows the members of the first epoch only");
    return genesis.validators;
}
/** The validators of all epochs. */
export function allValidators(genesis) {
    return membersOf(genesis, FIRST_EPOCH);
}
