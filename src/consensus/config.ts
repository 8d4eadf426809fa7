/** What the consensus core is told once: the network, the validator set, its own place and key, and the timings. */
import { assert } from "../primitives/assert.ts";
import type { Hash } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import type { Epoch, ValidatorIndex } from "../primitives/numbers.ts";
import type { Sign } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";

export interface ConsensusConfig {
  readonly networkId: NetworkId;
  /** Names the validator set below; messages of another epoch are ignored. */
  readonly epoch: Epoch;
  /** In genesis order. */
  readonly validators: readonly Validator[];
  readonly self: ValidatorIndex;
  /** The shortest timeout of a view (R4). */
  readonly timeoutBaseMs: number;
  /** The longest timeout of a view, at least the shortest. */
  readonly timeoutCapMs: number;
  /** D of R11: how far a block's time may be from the own clock when its proposal arrives. */
  readonly clockToleranceMs: number;
  readonly hash: Hash;
  /** Signs with the identity key of `self`. */
  readonly sign: Sign;
}

/** Quarters and eighths of a timeout have to be whole milliseconds above zero. */
export const TIMEOUT_MIN_MS = 8;

export function assertConfig(config: ConsensusConfig): void {
  assert(config.validators[config.self] !== undefined, "a node of consensus is a validator");
  assert(
    Number.isSafeInteger(config.timeoutBaseMs) && config.timeoutBaseMs >= TIMEOUT_MIN_MS,
    "the shortest timeout is a number of milliseconds, 8 at least",
  );
  assert(
    Number.isSafeInteger(config.timeoutCapMs) && config.timeoutCapMs >= config.timeoutBaseMs,
    "the longest timeout is not below the shortest",
  );
  assert(config.clockToleranceMs >= 0, "a clock tolerance is not negative");
}
