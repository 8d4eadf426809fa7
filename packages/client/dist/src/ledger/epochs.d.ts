import { type Epoch, type Height } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import type { Genesis } from "./genesis.ts";
export declare const FIRST_EPOCH: Epoch;
/** The epoch of the block at `height`. */
export declare function epochAt(_genesis: Genesis, _height: Height): Epoch;
/** The validators of an epoch that `epochAt` has given, in the order of their indices. */
export declare function membersOf(genesis: Genesis, ofEpoch: Epoch): readonly Validator[];
/** The validators of all epochs. */
export declare function allValidators(genesis: Genesis): readonly Validator[];
